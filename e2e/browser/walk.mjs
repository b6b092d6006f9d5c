// Walks every journey. Newcomers have organisations of their own and go beside the residents of the demo's two; whoever
// moves the clock goes alone.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";

/** Walks the journeys of a folder one after the other; whether all came to their end. */
function walk(folder) {
  const files = readdirSync(`journeys/${folder}`).map((file) => `journeys/${folder}/${file}`);
  const walked = spawn("node", ["--test", "--test-concurrency=1", "--test-reporter=spec", ...files], { stdio: "inherit" });
  return new Promise((done) => walked.on("close", (code) => done(code === 0)));
}

const together = await Promise.all(["newcomers", "residents"].map(walk));
const alone = await walk("in_time");
process.exitCode = together.every(Boolean) && alone ? 0 : 1;
