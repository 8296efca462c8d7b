import { topologyWith } from "./stand-in.ts";

/** Would keep the process alive for a day. */
export const timer = setInterval(() => undefined, 86_400_000);
export const job = topologyWith(1);
