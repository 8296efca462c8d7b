/** Numbers that are written to files; what is acked is told through a file descriptor, if one is named. */
import { writeSync } from "node:fs";
import { fileBolt, type RotateOptions } from "../../../../../src/connectors/files/index.ts";
import { defineTopology, type FailInfo, fields, Spout, type TaskContext } from "../../../../../src/index.ts";

export const Numbered = fields("life:int32", "n:int32");
const Outcome = fields("n:int32", "error:string?");

export interface WriteOptions {
  readonly folder: string;
  readonly life: number;
  readonly rows: number;
  readonly tasks: number;
  readonly rotate?: RotateOptions;
  readonly format?: "json" | "csv";
  /** Each acked number is written there as a line. */
  readonly reportTo?: number;
}

class Numbers extends Spout({ output: { default: Numbered, outcomes: Outcome } }) {
  readonly #options: WriteOptions;
  #next = 0;

  constructor(options: WriteOptions) {
    super();
    this.#options = options;
  }

  override open({ taskIndex }: TaskContext): void {
    this.#next = taskIndex;
  }

  override nextTuple(): "exhausted" | undefined {
    const { rows, life } = this.#options;
    if (this.#next >= rows) return "exhausted";
    this.collector.emit([life, this.#next], this.#next);
    this.#next++;
    return undefined;
  }

  override ack(id: unknown): void {
    const { reportTo } = this.#options;
    if (reportTo === undefined) this.collector.emitTo("outcomes", [id as number, null]);
    else writeSync(reportTo, `${String(id)}\n`);
  }

  override fail(id: unknown, { error }: FailInfo): void {
    if (this.#options.reportTo === undefined) this.collector.emitTo("outcomes", [id as number, String(error)]);
  }
}

export const writeNumbers = defineTopology(import.meta.url, (builder, options: WriteOptions) => {
  const { folder, tasks, rotate = {}, format = "json" } = options;
  const numbers = builder.setSpout("numbers", Numbers, { create: () => new Numbers(options) });
  builder
    .setBolt("keep", fileBolt({ input: Numbered, folder, rotate, format }), { parallelism: tasks })
    .shuffleGrouping(numbers);
  return { outcomes: builder.output(numbers.stream("outcomes")) };
});
