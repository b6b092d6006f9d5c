/** QR codes as files. */
import { encode, renderSVG } from "uqr";

const OPTIONS = { ecc: "M", border: 4 } as const;
/** How many points a module of a picture has on each side: sharp on paper up to a hand's breadth. */
const POINTS = 16;

export async function drawn(value: string, form: "svg" | "png"): Promise<Blob> {
  if (form === "svg") return new Blob([renderSVG(value, OPTIONS)], { type: "image/svg+xml" });
  const code = encode(value, OPTIONS);
  const canvas = new OffscreenCanvas(code.size * POINTS, code.size * POINTS);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser draws nothing");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#000";
  code.data.forEach((row, y) =>
    row.forEach((dark, x) => {
      if (dark) pen.fillRect(x * POINTS, y * POINTS, POINTS, POINTS);
    }),
  );
  return canvas.convertToBlob({ type: "image/png" });
}
