// Compresses what was built, once and as far as it goes: `assets/x.js` gets an `assets/x.js.br` beside it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";

const DIST = new URL("./dist/", import.meta.url);

for (const file of readdirSync(DIST, { recursive: true })) {
  // The page itself is completed for every answer.
  if (!/\.(js|css|svg|webmanifest)$/.test(file)) continue;
  const bytes = readFileSync(new URL(file, DIST));
  const packed = brotliCompressSync(bytes);
  if (packed.length < bytes.length) writeFileSync(new URL(`${file}.br`, DIST), packed);
}
