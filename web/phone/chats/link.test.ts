import { expect, it } from "vitest";
import { dialled } from "./link";

it("takes numbers as people type them", () => {
  expect(dialled(" +62 (21) 5550-0111 ")).toEqual({ number: "622155500111" });
});

it("takes links of every form", () => {
  const kopi = { number: "622155500111", text: "Halo kopi" };
  expect(dialled("https://wa.me/622155500111?text=Halo%20kopi")).toEqual(kopi);
  expect(dialled("https://api.whatsapp.com/send?phone=622155500111&text=Halo+kopi")).toEqual(kopi);
  expect(dialled("whatsapp://send?phone=%2B622155500111&text=Halo%20kopi")).toEqual(kopi);
});
