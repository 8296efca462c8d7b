/**
 * Every error that a user can meet, once. `docs/ERRORS.md` has a section for each, and a test compares the two.
 * The text says what the code means in general; the facts of a case come with the error itself.
 */
export const errorCatalog = {
  FIELDS_DUPLICATE_NAME: "two fields of a stream have the same name",
  FIELDS_EMPTY_NAME: "a field has no name",
  FIELDS_RESERVED_NAME: "a field's name begins with \"$\", which belongs to the engine",
  FIELDS_UNKNOWN_TYPE: "a field is declared with a column type that does not exist",
  TOPOLOGY_DUPLICATE_ID: "two components of a topology have the same id",
  TUPLE_UNKNOWN_FIELD: "a tuple is asked for a field that it does not have",
  TUPLE_VALUE_INVALID: "a tuple is emitted with values that do not fit the stream's declared fields",
} as const satisfies Record<string, string>;

export type ErrorCode = keyof typeof errorCatalog;
