/**
 * Every error that a user can meet, once. `docs/ERRORS.md` has a section for each, and a test compares the two.
 * The text says what the code means in general; the facts of a case come with the error itself.
 */
export const errorCatalog = {
  TOPOLOGY_DUPLICATE_ID: "two components of a topology have the same id",
  RING_BYTES_INVALID: "a ring's capacity is not a power of two within the limits",
  SHARED_MEMORY_EXHAUSTED: "the memory that the threads of a run share cannot be allocated",
  PLAN_RING_BUDGET: "the byte budget for rings is too small for the rings that a plan needs",
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorCatalog;
