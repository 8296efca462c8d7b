import type { Death } from "./worker-protocol.ts";

/** Lets this thread die as user code might make it die: for tests of what survives that. */
export function die(how: Death): void {
  switch (how) {
    case "throw":
      setImmediate(() => {
        throw new Error("thrown outside of any hook");
      });
      break;
    case "reject":
      void Promise.reject(new Error("rejected, and nobody listens"));
      break;
    case "exit":
      process.exit(3);
      break;
    case "memory":
      setImmediate(exhaustMemory);
      break;
    case "hang":
      for (;;);
  }
}

/** By small objects: one huge array takes the process down instead, since V8 cannot grow it. */
function exhaustMemory(): void {
  const hoard: object[][] = [];
  for (;;) hoard.push(Array.from({ length: 100 }, (_, n) => ({ n })));
}
