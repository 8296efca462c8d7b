import path from "node:path";

/** This file is compiled into dist/native-free-bench/harness, three levels below the repository. */
export const repositoryRoot = path.resolve(import.meta.dirname, "..", "..", "..");

/** Where the newest full run of each benchmark is kept. */
export const resultsDirectory = path.join(repositoryRoot, "native-free-bench", "results");
