import type { Side } from "../harness/benchmark.ts";
import { JavaProject, type RivalWindowParams } from "./java-project.ts";
import { rateOf, verifyRivalReport } from "./rival-report.ts";

/**
 * Hazelcast Jet 5.7, embedded: processors of one process on two cooperative threads, items by reference, no
 * processing guarantee.
 *
 *     [source] -- queue --> [sink]        [lines] -- queue --> [split] -- queues by word --> [count]      threads: 2
 */
const project = new JavaProject("jet", "stormcell.rivals.JetRival");

export interface JetRun {
  readonly shape: "const-null" | "word-count";
  /** Tasks of each component of the word count. */
  readonly tasks: number;
  /** Starting Jet takes seconds, so at smoke size only some of its sides run. */
  readonly inSmoke: boolean;
}

/** Items (or words) per second at the sink. */
export function jetSide({ shape, tasks, inSmoke }: JetRun): Side<RivalWindowParams> {
  const title = `Jet 5.7, ${tasks} of each`;
  return {
    whose: "rival",
    title,
    skipReason: async (size) => {
      if (size === "smoke" && !inSmoke) return "starts too slowly for smoke size; another side stands for it";
      return project.skipReason(size);
    },
    async run(params) {
      const program = { shape, spouts: tasks, splits: tasks, counts: tasks };
      const report = await project.run(title, [], program, params);
      const charactersPerTuple = shape === "word-count" ? 0 : "some data".length;
      verifyRivalReport(report, { title, acked: false, charactersPerTuple, lostMax: 0 });
      return rateOf(report);
    },
  };
}
