import { median } from "./statistics.ts";

/** A limit from either end; exactly one is given. */
export type Limit = { readonly atLeast: number } | { readonly atMost: number };

/**
 * What a benchmark must reach. `ratio`: median of one side over median of another. `value`: a side's median itself.
 * `excess`: a side's median minus another's. `spread`: the worst of several sides over the best of them.
 */
export type Bar<S extends string> = { readonly limit: Limit; readonly why?: string } & (
  | { readonly kind: "ratio"; readonly of: S; readonly over: S }
  | { readonly kind: "value"; readonly of: S }
  | { readonly kind: "excess"; readonly of: S; readonly above: S }
  | { readonly kind: "spread"; readonly among: readonly S[] }
);

/** A bar with its figures: `value` from medians, `low` and `high` the extremes over the rounds. */
export interface BarResult {
  readonly title: string;
  readonly target: string;
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly met: boolean;
}

/** Values by side: one per round, in the order of the rounds. */
export type RunValues = Readonly<Record<string, readonly number[]>>;

export function evaluateBar(bar: Bar<string>, runs: RunValues): BarResult {
  const sides = sidesOf(bar);
  const value = combine(
    bar,
    sides.map((side) => median(runs[side]!)),
  );
  const rounds = runs[sides[0]!]!.map((_, round) =>
    combine(
      bar,
      sides.map((side) => runs[side]![round]!),
    ),
  );
  return {
    title: titleOf(bar),
    target: "atLeast" in bar.limit ? `>= ${bar.limit.atLeast}` : `<= ${bar.limit.atMost}`,
    value,
    low: Math.min(...rounds),
    high: Math.max(...rounds),
    met: "atLeast" in bar.limit ? value >= bar.limit.atLeast : value <= bar.limit.atMost,
  };
}

function sidesOf(bar: Bar<string>): readonly string[] {
  switch (bar.kind) {
    case "ratio":
      return [bar.of, bar.over];
    case "value":
      return [bar.of];
    case "excess":
      return [bar.of, bar.above];
    case "spread":
      return bar.among;
  }
}

function combine(bar: Bar<string>, values: readonly number[]): number {
  switch (bar.kind) {
    case "ratio":
      return values[0]! / values[1]!;
    case "value":
      return values[0]!;
    case "excess":
      return values[0]! - values[1]!;
    case "spread":
      return Math.min(...values) / Math.max(...values);
  }
}

function titleOf(bar: Bar<string>): string {
  switch (bar.kind) {
    case "ratio":
      return `${bar.of} / ${bar.over}`;
    case "value":
      return bar.of;
    case "excess":
      return `${bar.of} - ${bar.above}`;
    case "spread":
      return `worst / best of ${bar.among.join(", ")}`;
  }
}
