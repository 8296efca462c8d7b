import { topologyWith } from "./stand-in.ts";

export const wordCount = topologyWith("auto");
export const wordCountAgain = wordCount;
// biome-ignore lint/style/noDefaultExport: users may write one.
export { wordCount as default };
export const unrelated = { build: "not a function" };
