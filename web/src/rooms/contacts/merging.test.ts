import { expect, test } from "vitest";
import { kept, refuses } from "./merging";
import type { ContactDetail } from "./queries";

const standing = { standing: "unknown" as const };
const one = (given: Partial<ContactDetail>) =>
  ({ name: "", labels: [], consent: { utility: standing, marketing: standing, authentication: standing }, ...given }) as unknown as ContactDetail;

test("what stays goes first, and the other fills in", () => {
  const staying = one({ name: "Sari", phone: "6281", labels: ["a"] });
  const going = one({ name: "Budi", email: "b@example.com", labels: ["b", "a"] });
  expect(kept(staying, going)).toEqual([
    { field: "name", value: "Sari" },
    { field: "phone", value: "+6281" },
    { field: "email", value: "b@example.com" },
    { field: "labels", value: "a, b" },
  ]);
});

test("a refusal of either is seen", () => {
  expect(refuses(one({}))).toBe(false);
  const refused = { utility: standing, marketing: { standing: "opted_out" }, authentication: standing };
  expect(refuses(one({ consent: refused as ContactDetail["consent"] }))).toBe(true);
});
