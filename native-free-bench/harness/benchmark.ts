import type { Bar } from "./bar.ts";
import { expectedSeconds } from "./expected-time.ts";

/** Sizes of a benchmark: numbers only, so that they can be shown and sent as they are. */
export type Params = Readonly<Record<string, number>>;

/** What one side measured in one process, after it had checked its own answer. */
export interface Measurement {
  readonly value: number;
  /** Further figures, for the results and for bars that name them. `cores` and `peakRssMb`: see the README. */
  readonly detail?: Readonly<Record<string, number>>;
}

/** One program of a comparison. `run` throws when its answer is wrong: a wrong answer has no throughput. */
export interface Side<P extends Params> {
  readonly title: string;
  /** Tells charts and comparisons of commits what it is. "ours" if it is not given. */
  readonly whose?: Whose;
  /**
   * Asked once before the first round, in the harness's own process: why the side cannot run here, or null. At full
   * size it may take its time to make the side ready, such as to build it.
   */
  skipReason?(size: Size): Promise<string | null>;
  run(params: P): Promise<Measurement>;
}

export interface BenchmarkSpec<P extends Params, S extends string> {
  readonly name: string;
  readonly question: string;
  /** "full" for what takes long: not run unless everything or its name is asked for. "core" if it is not given. */
  readonly list?: List;
  /** What `value` counts, such as "tuples/s", "ms" or "MB". */
  readonly unit: string;
  /** With fewer cores it still runs, and the report says OVERSUBSCRIBED. */
  readonly coresNeeded: number;
  /** Beyond this a side counts as hung; one minute if it is not given. */
  readonly sideTimeoutMs?: number;
  /** Rounds unless a number is asked for; five if it is not given. Fewer, but at least three, for what is wide. */
  readonly rounds?: number;
  /** How long a side takes, for the estimate of a full run, where its sizes do not tell. */
  readonly sideSeconds?: (params: P) => number;
  readonly params: { readonly smoke: P; readonly full: P };
  /** Each side runs in a fresh process per round; the order is reversed every second round. */
  readonly sides: Readonly<Record<S, Side<P>>>;
  readonly bars: readonly Bar<NoInfer<S>>[];
}

/** A benchmark as the harness sees it, whatever its parameters are called. */
export interface Benchmark {
  readonly name: string;
  readonly question: string;
  readonly list: List;
  readonly unit: string;
  readonly coresNeeded: number;
  readonly sideTimeoutMs: number;
  readonly rounds: number;
  readonly bars: readonly Bar<string>[];
  /** Side names with their titles, in order of declaration. */
  readonly sideTitles: Readonly<Record<string, string>>;
  whoseIs(side: string): Whose;
  /** About how long one run of the side takes, process and all. */
  secondsOf(side: string, size: Size): number;
  paramsOf(size: Size): Params;
  skipReason(side: string, size: Size): Promise<string | null>;
  runSide(side: string, size: Size): Promise<Measurement>;
}

export type Size = "smoke" | "full";
/** The engine, a frozen program of our own, or what others made. */
export type Whose = "ours" | "reference" | "rival";
export type List = "core" | "full";

const SIDE_TIMEOUT_MS = 60_000;
const ROUNDS = 5;

/** Declares a benchmark; the types tie the bars to the sides and the sides to the parameters. */
export function benchmark<P extends Params, S extends string>(spec: BenchmarkSpec<P, S>): Benchmark {
  const sides: Readonly<Record<string, Side<P>>> = spec.sides;
  const whoseIs = (name: string) => sides[name]?.whose ?? "ours";
  return {
    name: spec.name,
    question: spec.question,
    list: spec.list ?? "core",
    unit: spec.unit,
    coresNeeded: spec.coresNeeded,
    sideTimeoutMs: spec.sideTimeoutMs ?? SIDE_TIMEOUT_MS,
    rounds: spec.rounds ?? ROUNDS,
    bars: spec.bars,
    sideTitles: Object.fromEntries(Object.entries(sides).map(([name, side]) => [name, side.title])),
    whoseIs,
    secondsOf(name, size) {
      const params = spec.params[size];
      return spec.sideSeconds?.(params) ?? expectedSeconds(params, whoseIs(name));
    },
    paramsOf: (size) => spec.params[size],
    skipReason: async (name, size) => (await sides[name]?.skipReason?.(size)) ?? null,
    runSide(name, size) {
      const side = sides[name];
      if (side === undefined) throw new Error(`benchmark ${spec.name} has no side "${name}"`);
      return side.run(spec.params[size]);
    },
  };
}
