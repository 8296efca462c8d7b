import { topologyWith } from "./stand-in.ts";

const job = topologyWith(1);

// biome-ignore lint/style/noDefaultExport: users may write one.
export { job as default };
