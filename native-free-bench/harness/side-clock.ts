/** The variable by which the harness tells a side's process when it was forked. */
const FORKED_AT_VARIABLE = "STORMCELL_BENCH_FORKED_AT_MS";

/** Environment of a side's process that is forked now. */
export function environmentOfFork(): NodeJS.ProcessEnv {
  return { ...process.env, [FORKED_AT_VARIABLE]: String(performance.timeOrigin + performance.now()) };
}

/**
 * When this process was forked, in milliseconds of `performance.timeOrigin`'s scale: before Node itself was started.
 */
export function processStartedMs(): number {
  const forkedAtMs = Number(process.env[FORKED_AT_VARIABLE]);
  if (!(forkedAtMs > 0)) throw new Error("a side's process was not started by the harness");
  return forkedAtMs;
}
