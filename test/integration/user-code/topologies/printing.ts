/** A topology in a module of its own; its bolt prints. */
import { basicBolt, defineTopology, fields, fromIterable } from "../../../../src/index.ts";

const Line = fields("line:string");

export const printing = defineTopology(import.meta.url, (builder, options: { lines: number }) => {
  const lines = builder.setSpout(
    "lines",
    fromIterable(Line, function* () {
      for (let line = 1; line <= options.lines; line++) yield [`line ${line}`];
    }),
  );
  const lastLines = (hook: string) => {
    for (let line = 1; line <= 200; line++) console.log(`${hook} ${line}`);
  };
  const print = basicBolt({
    input: Line,
    execute({ line }) {
      console.log(`worker: ${line}`);
      if (line === "line 1") console.error("worker: complaint");
    },
    onEnd: () => lastLines("onEnd"),
    cleanup: () => lastLines("cleanup"),
  });
  builder.setBolt("print", print).shuffleGrouping(lines);
});
