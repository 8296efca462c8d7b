/** What the ids of outputs begin with, so that a port may be called like a component. */
const OUTPUT_PREFIX = "__output.";

/** A component's name for people: its id, or for an output that of its port. */
export function componentName(id: string): string {
  return id.startsWith(OUTPUT_PREFIX) ? id.slice(OUTPUT_PREFIX.length) : id;
}
