// What must be here before a first visit shows what was asked for, as it travels: the page, its scripts and styles, the
// texts of one language. Fails where that is more than it may be. Reads the build's manifest; run after `npm run build`.
import { existsSync, readFileSync } from "node:fs";

const DIST = new URL("./dist/", import.meta.url);
/** What a first visit may load, in bytes as they travel. */
const MOST = 300_000;

/** What the page itself names. */
const PAGE = ["index.html", "appearance.js", "icon.svg", "manifest.webmanifest"];
/** What stands around the pages of an organisation. */
const FRAME = ["src/app/Shell.tsx", "src/app/OrgFrame.tsx"];
/** Ways in, each with the parts that are loaded for it and the rooms whose texts they need. */
const VISITS = {
  "sign-in": { parts: ["src/rooms/identity/SignInPage.tsx"], rooms: ["identity"] },
  "the start page": {
    parts: [...FRAME, "src/rooms/start/HomePage.tsx", "src/rooms/start/StartPage.tsx"],
    rooms: ["start", "onboarding"],
  },
  "straight into a thread": {
    parts: [...FRAME, "src/rooms/inbox/InboxPage.tsx"],
    rooms: ["inbox", "alerts"],
  },
  "an invite link": { parts: ["src/rooms/onboarding/InvitePage.tsx"], rooms: ["onboarding"] },
};

if (!existsSync(new URL(".vite/manifest.json", DIST))) {
  console.error("There is no build to weigh: run `npm run build` first.");
  process.exit(1);
}
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", DIST), "utf8"));
/** The texts of these rooms, and those around every page. */
const texts = (language, rooms) => ["app", ...rooms.map((room) => `rooms/${room}`)].map((place) => `src/${place}/texts/${language}.json`);
const weights = new Map();

/** The size of a built file. */
function weight(file) {
  // As it travels: compressed by `compress.mjs` where that is less.
  const packed = new URL(`${file}.br`, DIST);
  if (!weights.has(file)) weights.set(file, readFileSync(existsSync(packed) ? packed : new URL(file, DIST)).length);
  return weights.get(file);
}

/** The files of a part, and of everything that it imports at once. */
function files(key, found = new Set(), seen = new Set()) {
  const part = manifest[key];
  if (!part) throw new Error(`The build has no ${key}: has it moved? Name it anew in web/weight.mjs.`);
  if (seen.has(key)) return found;
  seen.add(key);
  [part.file, ...(part.css ?? [])].forEach((file) => found.add(file));
  part.imports?.forEach((other) => files(other, found, seen));
  return found;
}

let isLight = true;
for (const [visit, { parts, rooms }] of Object.entries(VISITS)) {
  const byLanguage = ["en", "id"].map((language) => {
    const all = new Set([...PAGE, ...["index.html", ...parts, ...texts(language, rooms)].flatMap((key) => [...files(key)])]);
    return { all, sum: [...all].reduce((sum, file) => sum + weight(file), 0) };
  });
  const { all, sum } = byLanguage.sort((a, b) => b.sum - a.sum)[0];
  console.log(`${visit}: ${(sum / 1000).toFixed(1)} kB in ${all.size} files, of ${MOST / 1000} kB`);
  if (sum <= MOST) continue;
  isLight = false;
  const largest = [...all].sort((a, b) => weight(b) - weight(a)).slice(0, 5);
  console.error(
    `${visit} loads ${((sum - MOST) / 1000).toFixed(1)} kB too much. Load later what is not seen at first; the largest files are:\n` +
      largest.map((file) => `  ${(weight(file) / 1000).toFixed(1)} kB  ${file}`).join("\n"),
  );
}
process.exit(isLight ? 0 : 1);
