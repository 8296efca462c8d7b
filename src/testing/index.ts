export type { BoltCase, InputRows, OutputRows } from "./bolt-case.ts";
export { killThread, type ThreadDeath } from "./kill-thread.ts";
export type { RowOrder } from "./row-diff.ts";
export { type SimulateArguments, type SimulateSettings, simulate } from "./simulate.ts";
export type { Simulation } from "./simulation.ts";
export type { Trace, TraceEvent } from "./trace.ts";
export { verifyBolt } from "./verify-bolt.ts";
