// Reading the browser's trace: what the main thread of a page did.

/**
 * CPU time of the busiest page's main thread within a trace, in milliseconds.
 *
 * @returns {{total: number, longest: number}}
 */
export function mainThread({ traceEvents: events }) {
  const isMain = new Set(
    events.filter((one) => one.name === "thread_name" && one.args.name === "CrRendererMain").map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const threads = new Map();
  for (const { name, ph, pid, tid, dur = 0, tdur } of events) {
    const thread = `${pid} ${tid}`;
    if (ph !== "X" || !name.endsWith("RunTask") || !isMain.has(thread)) continue;
    const had = threads.get(thread) ?? { total: 0, longest: 0 };
    const took = (tdur ?? dur) / 1000;
    threads.set(thread, { total: had.total + took, longest: Math.max(had.longest, took) });
  }
  const busiest = [...threads.values()].sort((a, b) => b.total - a.total)[0];
  if (!busiest) throw new Error("the trace has no main thread");
  return busiest;
}
