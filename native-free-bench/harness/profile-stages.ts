/** Where the time of a tuple goes; `idle` and `gc` are V8's own, `other` is the machinery around the tuples. */
export const STAGES = [
  "spout",
  "route",
  "encode",
  "publish",
  "consume",
  "decode",
  "execute",
  "count",
  "ack",
  "other",
  "gc",
  "idle",
  "unmapped",
] as const;
export type Stage = (typeof STAGES)[number];

/** The stage of a file, or of some functions in it. */
export interface StageRule {
  readonly stage: Stage;
  /** Relative to the repository, or a folder if it ends with "/". */
  readonly file: string;
  /** All functions if it is not given. */
  readonly functions?: readonly string[];
  /** They are compiled at run time from a text in this file: a profile knows them by their names alone. */
  readonly isGenerated?: true;
}

const EXECUTOR = "src/engine/executor";
const CODEC = "src/tuple/codec";

/**
 * The first rule that fits decides, so functions come before the rest of their file. What no rule names (Node's own
 * functions, built-in ones, `src/base`, what user code calls) belongs to the stage of its caller.
 */
export const STAGE_RULES: readonly StageRule[] = [
  {
    stage: "ack",
    file: `${EXECUTOR}/spout-task.ts`,
    functions: ["emitTracked", "#tellOutcomes", "#count", "#tell"],
  },
  { stage: "spout", file: `${EXECUTOR}/spout-task.ts` },
  { stage: "spout", file: `${EXECUTOR}/spout-progress.ts` },
  { stage: "spout", file: `${EXECUTOR}/rate-limit.ts` },
  { stage: "spout", file: `${EXECUTOR}/nap.ts` },
  { stage: "spout", file: `${EXECUTOR}/feeder-task.ts` },

  { stage: "route", file: `${EXECUTOR}/collectors.ts` },
  { stage: "route", file: `${EXECUTOR}/stream-route.ts` },
  { stage: "route", file: `${EXECUTOR}/outlet.ts` },
  { stage: "route", file: `${EXECUTOR}/waiting-line.ts` },
  { stage: "route", file: "src/grouping/" },
  { stage: "route", file: "src/tuple/row-appender.ts", functions: ["appendRow"], isGenerated: true },
  { stage: "route", file: "src/tuple/append-row.ts" },
  { stage: "route", file: "src/tuple/check-value.ts" },
  { stage: "route", file: "src/tuple/copy-batch.ts" },
  { stage: "route", file: `${CODEC}/any-flaw.ts` },

  { stage: "encode", file: `${CODEC}/batch-writer.ts` },
  { stage: "encode", file: `${CODEC}/text-column-writer.ts` },
  { stage: "encode", file: `${CODEC}/any-encoder.ts` },
  { stage: "encode", file: `${CODEC}/signal-codec.ts` },

  { stage: "publish", file: `${EXECUTOR}/ring-link.ts` },
  { stage: "publish", file: "src/memory/frame-ring-producer.ts" },
  { stage: "publish", file: "src/memory/doorbell.ts", functions: ["ring", "ringAlways"] },
  { stage: "publish", file: "src/memory/room-wanted.ts" },

  { stage: "consume", file: `${EXECUTOR}/executor.ts`, functions: ["#takeDirtyBits"] },
  { stage: "consume", file: `${EXECUTOR}/inbox.ts` },
  { stage: "consume", file: `${EXECUTOR}/local-queue.ts` },
  { stage: "consume", file: `${EXECUTOR}/ring-inlet.ts` },
  { stage: "consume", file: "src/memory/frame-ring-consumer.ts" },
  { stage: "consume", file: "src/memory/dirty-bits.ts" },

  { stage: "decode", file: `${CODEC}/batch-reader.ts` },
  { stage: "decode", file: `${CODEC}/text-column-reader.ts` },
  { stage: "decode", file: `${CODEC}/text-intern.ts` },
  { stage: "decode", file: `${CODEC}/any-decoder.ts` },

  { stage: "execute", file: `${EXECUTOR}/bolt-task.ts` },
  { stage: "execute", file: `${EXECUTOR}/output-task.ts` },
  { stage: "execute", file: `${EXECUTOR}/row-loop.ts` },
  { stage: "execute", file: `${EXECUTOR}/row-loop.ts`, functions: ["runRows"], isGenerated: true },
  { stage: "execute", file: "src/tuple/tuple-class.ts", functions: ["getters", "Tuple"], isGenerated: true },

  { stage: "count", file: `${EXECUTOR}/row-timing.ts` },
  { stage: "count", file: `${EXECUTOR}/spout-counts.ts` },
  { stage: "count", file: `${EXECUTOR}/task-inspector.ts` },
  { stage: "count", file: "src/memory/hot-counters.ts" },
  { stage: "count", file: "src/metrics/" },

  { stage: "ack", file: `${EXECUTOR}/anchor-set.ts` },
  { stage: "ack", file: `${EXECUTOR}/bolt-anchors.ts` },
  { stage: "ack", file: `${EXECUTOR}/outcome-info.ts` },
  { stage: "ack", file: `${EXECUTOR}/pending-trees.ts` },
  { stage: "ack", file: `${EXECUTOR}/position-marks.ts` },
  { stage: "ack", file: `${EXECUTOR}/row-book.ts` },
  { stage: "ack", file: `${EXECUTOR}/tracked-emits.ts` },
  { stage: "ack", file: `${EXECUTOR}/tracking.ts` },
  { stage: "ack", file: `${EXECUTOR}/tree-ledger.ts` },
  { stage: "ack", file: `${EXECUTOR}/untracked-emits.ts` },
  { stage: "ack", file: "src/engine/acker/" },
  { stage: "ack", file: "src/memory/completion-ring.ts" },
  { stage: "ack", file: "src/memory/tree-slots.ts" },
  { stage: "ack", file: "src/tuple/batch-roots.ts" },

  { stage: "other", file: `${EXECUTOR}/executor.ts` },
  { stage: "other", file: `${EXECUTOR}/task-lifecycle.ts` },
  { stage: "other", file: `${EXECUTOR}/hook-note.ts` },
  { stage: "other", file: `${EXECUTOR}/hosted-task.ts` },
  { stage: "other", file: `${EXECUTOR}/task.ts` },
  { stage: "other", file: "src/memory/doorbell.ts" },
  { stage: "other", file: "src/engine/worker/" },
];

/** What users write is known by the names of the hooks, whatever file it is in. */
export const HOOK_STAGES: Readonly<Record<string, Stage>> = { nextTuple: "spout", execute: "execute" };

const V8_STAGES: Readonly<Record<string, Stage>> = {
  "(idle)": "idle",
  "(garbage collector)": "gc",
  "(program)": "other",
};

/** Stages in which tuples move: the time that is looked at lasts from the first to the last moment in one of them. */
export const WORKING_STAGES: ReadonlySet<Stage> = new Set([
  "spout",
  "route",
  "encode",
  "publish",
  "decode",
  "execute",
]);

/** The stage of a function, or null if it has that of its caller. `file`: of the source; "" if there is none. */
export function stageOf(functionName: string, file: string): Stage | null {
  if (file === "") return V8_STAGES[functionName] ?? ruleFor(functionName, (rule) => rule.isGenerated === true);
  const rule = ruleFor(functionName, (candidate) =>
    candidate.file.endsWith("/") ? file.startsWith(candidate.file) : file === candidate.file,
  );
  return rule ?? (file.startsWith("src/") ? null : (HOOK_STAGES[functionName] ?? null));
}

function ruleFor(functionName: string, isOf: (rule: StageRule) => boolean): Stage | null {
  const fits = ({ functions }: StageRule) => functions === undefined || functions.includes(functionName);
  return STAGE_RULES.find((rule) => isOf(rule) && fits(rule))?.stage ?? null;
}
