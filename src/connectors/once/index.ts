export { type MemoryOnceOptions, memoryOnceStore } from "./memory-once-store.ts";
export { type Once, type OnceInputs, once, type WatchedOutputs } from "./once.ts";
export { type OnceId, type OnceOptions, Outcome, type Watched, withOnce } from "./once-options.ts";
export type { OnceAnswer, OnceOperation, OnceSession, OnceStore, OnceTimes } from "./once-store.ts";
