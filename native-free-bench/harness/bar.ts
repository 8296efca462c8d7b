import type { Measurement } from "./benchmark.ts";
import { median } from "./statistics.ts";

/** A limit from either end; exactly one is given. */
export type Limit = { readonly atLeast: number } | { readonly atMost: number };

/**
 * What a benchmark must reach. `ratio`: median of one side over median of another. `value`: a side's median itself.
 * `excess`: a side's median minus another's. `spread`: the worst of several sides over the best of them.
 */
export type Bar<S extends string> = {
  readonly limit: Limit;
  readonly why?: string;
  /** The name of a figure in `detail` that is judged in place of the value. */
  readonly figure?: string;
} & (
  | {
      readonly kind: "ratio";
      readonly of: S;
      readonly over: S;
      /** For a rival that is sometimes less than half as fast as at its best: rounds with such runs do not count. */
      readonly withoutSlowHalf?: boolean;
    }
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

/** All bars whose sides could run. */
export function evaluateBars(
  bars: readonly Bar<string>[],
  measured: Readonly<Record<string, readonly Measurement[]>>,
): BarResult[] {
  const possible = bars.filter((bar) => sidesOf(bar).every((side) => measured[side] !== undefined));
  return possible.map((bar) => {
    const runs = sidesOf(bar).map((side) => [side, measured[side]!.map((run) => figureOf(bar, side, run))]);
    return evaluateBar(bar, Object.fromEntries(runs));
  });
}

/** A bar that could not be judged, and why. */
export interface UnmeasuredBar {
  readonly title: string;
  readonly target: string;
  readonly reason: string;
}

/** All bars of which a side was skipped. */
export function unmeasuredBars(bars: readonly Bar<string>[], skipped: ReadonlyMap<string, string>): UnmeasuredBar[] {
  return bars.flatMap((bar) => {
    const side = sidesOf(bar).find((name) => skipped.has(name));
    if (side === undefined) return [];
    return [{ title: titleOf(bar), target: targetOf(bar), reason: `${side}: ${skipped.get(side)}` }];
  });
}

function figureOf(bar: Bar<string>, side: string, run: Measurement): number {
  const figure = bar.figure === undefined ? run.value : run.detail?.[bar.figure];
  if (figure === undefined) throw new Error(`side ${side} does not tell its ${bar.figure}, which a bar judges`);
  return figure;
}

export function evaluateBar(bar: Bar<string>, runs: RunValues): BarResult {
  const sides = sidesOf(bar);
  const counted = countedRounds(bar, runs);
  const value = combine(
    bar,
    sides.map((side) => median(side === sides[0] ? runs[side]! : counted.map((round) => runs[side]![round]!))),
  );
  const rounds = counted.map((round) =>
    combine(
      bar,
      sides.map((side) => runs[side]![round]!),
    ),
  );
  return {
    title: titleOf(bar),
    target: targetOf(bar),
    value,
    low: Math.min(...rounds),
    high: Math.max(...rounds),
    met: "atLeast" in bar.limit ? value >= bar.limit.atLeast : value <= bar.limit.atMost,
  };
}

function targetOf({ limit }: Bar<string>): string {
  return "atLeast" in limit ? `>= ${limit.atLeast}` : `<= ${limit.atMost}`;
}

function countedRounds(bar: Bar<string>, runs: RunValues): number[] {
  const rounds = runs[sidesOf(bar)[0]!]!.map((_, round) => round);
  if (bar.kind !== "ratio" || bar.withoutSlowHalf !== true) return rounds;
  const rival = runs[bar.over]!;
  return rounds.filter((round) => rival[round]! >= Math.max(...rival) / 2);
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
  return bar.figure === undefined ? sidesTitle(bar) : `${bar.figure}: ${sidesTitle(bar)}`;
}

function sidesTitle(bar: Bar<string>): string {
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
