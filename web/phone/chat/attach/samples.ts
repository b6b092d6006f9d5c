/** Things to send for those who have none at hand, made on the spot. */

function drawn(width: number, height: number, draw: (pen: CanvasRenderingContext2D) => void, type: string): Promise<Blob> {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  if (!pen) return Promise.reject(new Error("This browser draws no pictures."));
  draw(pen);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("This browser saves no pictures."))), type, 0.86);
  });
}

/** A photograph of sorts: hills in the evening. */
export function photo(): Promise<Blob> {
  return drawn(
    960,
    720,
    (pen) => {
      const sky = pen.createLinearGradient(0, 0, 0, 720);
      sky.addColorStop(0, "#2b5876");
      sky.addColorStop(0.55, "#f4a261");
      sky.addColorStop(1, "#e76f51");
      pen.fillStyle = sky;
      pen.fillRect(0, 0, 960, 720);
      pen.fillStyle = "#ffe8b0";
      pen.beginPath();
      pen.arc(640, 330, 64, 0, 7);
      pen.fill();
      ["#264653", "#1d3640", "#12242b"].forEach((colour, hill) => {
        pen.fillStyle = colour;
        pen.beginPath();
        pen.moveTo(0, 720);
        for (let x = 0; x <= 960; x += 8) {
          pen.lineTo(x, 430 + hill * 85 - 60 * Math.sin(x / (150 - hill * 24) + hill * 2) - Math.random() * 3);
        }
        pen.lineTo(960, 720);
        pen.fill();
      });
    },
    "image/jpeg",
  );
}

/** A sticker: a cup of coffee. */
export function sticker(): Promise<Blob> {
  return drawn(
    512,
    512,
    (pen) => {
      pen.font = "360px system-ui, sans-serif";
      pen.textAlign = "center";
      pen.textBaseline = "middle";
      pen.fillText("☕", 256, 276);
    },
    "image/webp",
  );
}

/** A page of PDF that says something. */
export function pdf(words: string): File {
  const ascii = words.replace(/[^\x20-\x7e]/g, "?").replace(/[()\\]/g, "\\$&");
  const drawing = `BT /F1 24 Tf 72 720 Td (${ascii}) Tj ET`;
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
    `<</Length ${drawing.length}>>stream\n${drawing}\nendstream`,
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
  ];
  let body = "%PDF-1.4\n";
  const places = objects.map((object, index) => {
    const place = body.length;
    body += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const table = places.map((place) => `${String(place).padStart(10, "0")} 00000 n \n`).join("");
  const start = body.length;
  body += `xref\n0 6\n0000000000 65535 f \n${table}trailer<</Size 6/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`;
  return new File([body], "sample.pdf", { type: "application/pdf" });
}

/** Three notes, as samples of sound. */
export function tune(rate: number): Float32Array<ArrayBuffer> {
  const notes = [523.25, 659.25, 783.99];
  const each = 0.45;
  const samples = new Float32Array(Math.floor(notes.length * each * rate));
  for (let at = 0; at < samples.length; at += 1) {
    const seconds = at / rate;
    const note = Math.min(Math.floor(seconds / each), notes.length - 1);
    const within = seconds - note * each;
    samples[at] = 0.32 * Math.exp(-4 * within) * Math.sin(2 * Math.PI * (notes[note] ?? 0) * seconds);
  }
  return samples;
}
