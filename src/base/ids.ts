export const ID_LENGTH_MAX = 128;

const ID_PATTERN = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/**
 * What is wrong with an id of a topology, component, stream or input, as a phrase for an error's problem.
 * Null when it is legal.
 *
 * Ids become parts of file names, metric names and urls, so they hold only what is safe in all of them.
 */
export function checkId(kind: string, id: unknown): string | null {
  if (typeof id !== "string") return `the ${kind} id must be a string, not ${id === null ? "null" : typeof id}`;
  if (id === "") return `the ${kind} id is empty`;
  if (id.length > ID_LENGTH_MAX)
    return `the ${kind} id "${id.slice(0, 32)}..." has ${id.length} characters, more than ${ID_LENGTH_MAX}`;
  if (id.startsWith("__")) return `the ${kind} id "${id}" begins with "__", which is reserved for the engine`;
  if (id.includes("..")) return `the ${kind} id "${id}" contains ".."`;
  if (!ID_PATTERN.test(id)) {
    const rule = `letters, digits and "_", after the first character also "." and "-"`;
    return `the ${kind} id ${JSON.stringify(id)} holds other characters than ${rule}`;
  }
  return null;
}
