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
  PLAN_RING_BUDGET: "the byte budget for rings is too small for the rings that a plan needs",
  MODULE_NOT_FOUND: "there is no module of that name",
  MODULE_FAILED: "a topology's module failed while it was imported",
  MODULE_TYPESCRIPT: "this version of Node needs a loader to run TypeScript",
  MODULE_NO_TOPOLOGY: "a module defines no topology, or not the one asked for",
  MODULE_SEVERAL_TOPOLOGIES: "a module exports several topologies and none was chosen",
  MODULE_UNKNOWN_TOPOLOGY: "a module exports no topology of that name",
  CLI_INVALID_JSON: "the value of --options is not JSON",
  CLI_INVALID_VALUE: "the value of a command line option is out of its range",
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorCatalog;
