import fc from "fast-check";
import type { PlanOptions } from "../../../src/engine/plan/compute-plan.ts";
import type { PhysicalPlan, TaskPlan } from "../../../src/engine/plan/physical-plan.ts";
import type {
  ComponentKind,
  ComponentSpec,
  GroupingSpec,
  SubscriptionSpec,
  TopologySpec,
} from "../../../src/topology/topology-spec.ts";
import type { FieldSpec } from "../../../src/tuple/field-spec.ts";

export const MIB = 2 ** 20;
export const WORD: FieldSpec = { name: "word", type: "string", nullable: false };
export const COUNT: FieldSpec = { name: "count", type: "int32", nullable: false };

export const bounds = { ringBudgetBytes: 64 * MIB, ringBytesMin: 4096, ringBytesMax: MIB };

export function optionsFor(workerCount: number, more: Partial<PlanOptions> = {}): PlanOptions {
  return { workerCount, ...bounds, ...more };
}

export interface ComponentDraft {
  readonly kind?: ComponentKind;
  readonly parallelism?: number | "auto";
  readonly from?: readonly (string | (Partial<SubscriptionSpec> & { source: string }))[];
  readonly outputs?: ComponentSpec["outputs"];
  readonly inputs?: ComponentSpec["inputs"];
}

/** A topology in which, unless a draft says otherwise, every component carries (word, count) and shuffles. */
export function topologyOf(drafts: Readonly<Record<string, ComponentDraft>>): TopologySpec {
  const components = Object.entries(drafts).map(([id, draft]): ComponentSpec => {
    const from = draft.from ?? [];
    const kind = draft.kind ?? (from.length === 0 ? "spout" : "bolt");
    return {
      id,
      kind,
      parallelism: draft.parallelism ?? 1,
      outputs: draft.outputs ?? (kind === "output" ? {} : { default: { fields: [WORD, COUNT], direct: false } }),
      inputs: draft.inputs ?? (from.length === 0 ? {} : { default: [WORD, COUNT] }),
      subscriptions: from.map((entry) => ({
        stream: "default",
        input: "default",
        grouping: { kind: "shuffle" },
        feedback: false,
        ...(typeof entry === "string" ? { source: entry } : entry),
      })),
      config: {},
      component: null,
    };
  });
  return { components, outputPorts: {}, feederPorts: {} };
}

/** Word count as the documentation has it, with a port to the embedding program. */
export function wordCount(parallelism: number | "auto" = "auto"): TopologySpec {
  return topologyOf({
    lines: { parallelism },
    split: { parallelism, from: [{ source: "lines", grouping: { kind: "localOrShuffle" } }] },
    count: { parallelism, from: [{ source: "split", grouping: { kind: "fields", fields: ["word"] } }] },
    "__output.counts": { kind: "output", from: [{ source: "count", grouping: { kind: "global" } }] },
  });
}

export function threadsOf(plan: PhysicalPlan, component: string): number[] {
  return tasksIn(plan)
    .filter((task) => task.component === component)
    .map((task) => task.thread);
}

export function tasksIn(plan: PhysicalPlan): TaskPlan[] {
  return plan.tasks.filter((task) => task !== null);
}

const groupings: fc.Arbitrary<GroupingSpec> = fc.oneof(
  fc.constantFrom(
    { kind: "shuffle" } as const,
    { kind: "all" } as const,
    { kind: "global" } as const,
    { kind: "localOrShuffle" } as const,
    { kind: "leastLoaded" } as const,
  ),
  fc.constant({ kind: "fields", fields: ["word"] } as const),
  fc.constant({ kind: "partialKey", fields: ["count", "word"] } as const),
);

/** Random topologies: acyclic forward edges, a feedback edge now and then, feeders and outputs among them. */
export const topologies: fc.Arbitrary<TopologySpec> = fc
  .array(
    fc.record({
      parallelism: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant("auto" as const)),
      kind: fc.constantFrom("bolt", "bolt", "bolt", "output", "source"),
      feeder: fc.boolean(),
      sources: fc.array(fc.record({ pick: fc.nat(), grouping: groupings, feedback: fc.nat(9) }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((drafts) => {
    const ends = drafts.map(({ kind, feeder }, index) =>
      index === 0 || kind === "source" ? (feeder ? "feeder" : "spout") : kind,
    );
    const sourcesOf = (index: number, feedback: boolean): number[] =>
      ends.flatMap((kind, other) =>
        kind !== "output" && (feedback ? kind === "bolt" : other < index) ? [other] : [],
      );
    const components: Record<string, ComponentDraft> = {};
    for (const [index, { parallelism, sources }] of drafts.entries()) {
      const kind = ends[index] as ComponentKind;
      const from = new Map<string, Partial<SubscriptionSpec> & { source: string }>();
      for (const { pick, grouping, feedback } of kind === "bolt" || kind === "output" ? sources : []) {
        const isFeedback = kind === "bolt" && feedback === 0 && from.size > 0;
        const choices = sourcesOf(index, isFeedback);
        const source = `c${choices[pick % choices.length]}`;
        if (!from.has(source)) from.set(source, { source, grouping, feedback: isFeedback });
      }
      const isEnd = kind === "feeder" || kind === "output";
      components[`c${index}`] = { kind, parallelism: isEnd ? 1 : parallelism, from: [...from.values()] };
    }
    return topologyOf(components);
  });

/** The seed of the random tests: printed by fast-check on failure, taken back by SEED=. */
export function propertyOptions(numRuns: number): fc.Parameters<unknown> {
  const seed = process.env.SEED === undefined ? Date.now() | 0 : Number(process.env.SEED);
  return {
    numRuns,
    seed,
    reporter: (run) => {
      if (run.failed) throw new Error(`SEED=${run.seed} fails again\n${fc.defaultReportMessage(run) ?? ""}`);
    },
  };
}
