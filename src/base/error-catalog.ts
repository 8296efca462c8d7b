/**
 * Every error that a user can meet, once. `docs/ERRORS.md` has a section for each, and a test compares the two.
 * The text says what the code means in general; the facts of a case come with the error itself.
 */
export const errorCatalog = {
  CONFIG_CONFLICT: "two options have values that cannot go together",
  CONFIG_DUPLICATE_OPTION: "an option is set twice in one layer, by two names or by one",
  CONFIG_INVALID_SETTING: "a setting of the command line is not of the form key=value",
  CONFIG_INVALID_VALUE: "an option has a value of the wrong type or out of range",
  CONFIG_STORM_UNSUPPORTED: "one of Storm's options is set that has no counterpart here",
  CONFIG_UNKNOWN_OPTION: "a setting names an option that does not exist",
  CONFIG_WRONG_LAYER: "an option is set where it may not be set, such as a cluster's option for a component",
  TOPOLOGY_DUPLICATE_ID: "two components of a topology have the same id",
  RING_BYTES_INVALID: "a ring's capacity is not a power of two within the limits",
  SHARED_MEMORY_EXHAUSTED: "the memory that the threads of a run share cannot be allocated",
  PLAN_RING_BUDGET: "the byte budget for rings is too small for the rings that a plan needs",
  TOPOLOGY_ILLEGAL_NAME: "a topology was submitted under a name that is not allowed",
  TOPOLOGY_NAME_TAKEN: "a topology of that name is running in the cluster",
  TOPOLOGY_DIFFERS: "the builder declares something else on a worker thread than on the main thread",
  CLUSTER_CLOSED: "a topology was submitted to a cluster that is closed",
  START_TIMEOUT: "workers were not ready in time",
  WORKER_START_FAILED: "a worker thread ended before it was ready",
  WORKER_LOST: "a worker thread ended while its topology was running",
  TASK_FAILED: "user code of a task failed, and the run with it",
  MODULE_FAILED: "the topology's module failed while a worker thread imported it",
  MODULE_TYPESCRIPT: "this version of Node needs a loader to run TypeScript on worker threads",
  MODULE_NO_TOPOLOGY: "a module defines no topology, or not the one asked for",
  OFFLOAD_NO_FUNCTION: "an offloaded call names a function that its module does not export",
  OFFLOAD_OVERFLOW: "too many offloaded calls of one worker are under way",
  EMIT_UNKNOWN_STREAM: "a component emits to a stream that it does not declare",
  EMIT_NOT_DIRECT: "emitDirect was called for a stream that is not direct",
  EMIT_DIRECT_STREAM: "emit was called for a direct stream without naming a task",
  EMIT_DIRECT_TARGET: "emitDirect names a task that does not subscribe to the stream",
  EMIT_OVERFLOW: "a task emitted more than its consumers took and it may hold back",
  FEEDER_ENDED: "a feeder was fed after its end",
  FEEDER_OVERFLOW: "too many emits wait for room in a feeder",
  SPOUT_RESULT_INVALID: "nextTuple returned something that has no meaning",
  SIGNAL_UNKNOWN: "a thread received a signal that it does not know",
  TUPLE_TOO_LARGE: "a tuple is too long for the ring that it must pass",
  TUPLE_MUTATED: "a value was changed after it was emitted",
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorCatalog;
