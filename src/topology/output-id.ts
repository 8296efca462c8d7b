/** Outputs are components of ours, with ids that users cannot give: so a port may be called like a component. */
const OUTPUT_ID_PREFIX = "__output.";

/** The id of the component that stands for the output returned as `port`. */
export function outputIdOf(port: string): string {
  return `${OUTPUT_ID_PREFIX}${port}`;
}

/** A component's name for people: its id, or for an output that of its port. */
export function componentName(id: string): string {
  return id.startsWith(OUTPUT_ID_PREFIX) ? id.slice(OUTPUT_ID_PREFIX.length) : id;
}
