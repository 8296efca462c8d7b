/**
 * Every error that a user can meet, once. `docs/ERRORS.md` has a section for each, and a test compares the two.
 * The text says what the code means in general; the facts of a case come with the error itself.
 */
export const errorCatalog = {
  TOPOLOGY_DUPLICATE_ID: "two components of a topology have the same id",
  PLAN_RING_BUDGET: "the byte budget for rings is too small for the rings that a plan needs",
  MODULE_NOT_FOUND: "there is no module of that name",
  MODULE_LOAD_FAILED: "a module threw, or imports something that is not there, while it was loaded",
  MODULE_NEEDS_TSX: "a module is TypeScript, which this version of Node runs only with tsx",
  MODULE_NO_TOPOLOGY: "a module exports no topology",
  MODULE_SEVERAL_TOPOLOGIES: "a module exports several topologies and none was chosen",
  MODULE_UNKNOWN_TOPOLOGY: "a module exports no topology of that name",
  CLI_INVALID_JSON: "the value of --options is not JSON",
  CLI_INVALID_VALUE: "the value of a command line option is out of its range",
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorCatalog;
