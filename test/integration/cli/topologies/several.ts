import { topologyWith } from "./stand-in.ts";

export const nightly = topologyWith(1);
export const hourly = topologyWith(2);
