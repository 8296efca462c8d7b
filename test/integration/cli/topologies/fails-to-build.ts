export const job = {
  build(options: { files: readonly string[] }): unknown {
    return options.files.map((file) => file);
  },
};
