import { defineTopology } from "../../../../src/index.ts";

export const job = defineTopology(import.meta.url, (_builder, options: { files: readonly string[] }) => {
  options.files.map((file) => file);
});
