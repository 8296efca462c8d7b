import { existsSync, writeFileSync } from "node:fs";
import { defineTopology, fields, spout } from "../../../../src/index.ts";

/** Takes its process down when it runs for the first time, told by a file; then ends by itself. */
export const crashing = defineTopology(import.meta.url, (builder, options: { marker: string }) => {
  const crasher = spout({
    output: fields("n:int32"),
    create: () => ({
      nextTuple() {
        if (existsSync(options.marker)) return "exhausted";
        writeFileSync(options.marker, "");
        process.kill(process.pid, "SIGKILL");
        return "idle";
      },
    }),
  });
  builder.setSpout("crasher", crasher);
});
