import { basicBolt, defineTopology, fields } from "../../../../src/index.ts";

const Value = fields("value:int32", "text:string");

export interface PortsOptions {
  /** The bolt throws at this value. */
  readonly failAt?: number;
  /** The bolt takes one tuple and never comes back. */
  readonly stuck?: boolean;
}

/** Two feeders, a bolt that passes on, an output. */
export const ports = defineTopology(import.meta.url, (builder, options: PortsOptions | undefined) => {
  const left = builder.setFeeder("left", Value);
  const right = builder.setFeeder("right", Value);
  const pass = builder
    .setBolt(
      "pass",
      basicBolt({
        input: Value,
        output: Value,
        execute(tuple, collector): void | Promise<void> {
          if (tuple.value === options?.failAt) throw new Error(`cannot pass ${tuple.value}`);
          if (options?.stuck === true) return new Promise<void>(() => {});
          collector.emit([tuple.value, tuple.text]);
          return undefined;
        },
      }),
    )
    .shuffleGrouping(left)
    .shuffleGrouping(right);
  return { left, right, passed: builder.output(pass) };
});
