import type { ProfileNode, ThreadProfile } from "./cpu-profile.ts";
import { type Stage, WORKING_STAGES } from "./profile-stages.ts";

/** Microseconds by stage on one thread. */
export type StageTimes = ReadonlyMap<Stage, number>;

export interface StageReport {
  /** From the first to the last moment in which a worker moved tuples. */
  readonly seconds: number;
  readonly threads: readonly { readonly threadId: number; readonly times: StageTimes }[];
}

/**
 * Self times by stage. The compiler puts small functions into their callers, and a profile then shows the caller
 * alone, though with the line of what was put into it; `plain`, profiles of a run without that, tells whose it is.
 */
export function stageReport(threads: readonly ThreadProfile[], plain: readonly ThreadProfile[]): StageReport {
  const [beginUs, endUs] = workingWindow(threads);
  const inlined = inlinedLines(plain);
  const reports = threads.map(({ threadId, samples }) => {
    const times = new Map<Stage, number>();
    const shares = new Map<ProfileNode, ReadonlyMap<Stage, number>>();
    for (const { node, atUs, lastedUs } of samples) {
      if (atUs < beginUs || atUs > endUs) continue;
      const ofNode = shares.get(node) ?? stageShares(node, inlined.get(node.key));
      shares.set(node, ofNode);
      for (const [stage, share] of ofNode) times.set(stage, (times.get(stage) ?? 0) + share * lastedUs);
    }
    return { threadId, times };
  });
  return { seconds: Math.max(0, endUs - beginUs) / 1e6, threads: reports };
}

/** All of the time if no worker ever moved a tuple: some benchmarks have none. */
function workingWindow(threads: readonly ThreadProfile[]): readonly [number, number] {
  const onWorkers = threads.filter(({ threadId }) => threadId > 0).flatMap(({ samples }) => samples);
  const working = onWorkers.filter(({ node }) => WORKING_STAGES.has(node.stage));
  const counted = working.length > 0 ? working : threads.flatMap(({ samples }) => samples);
  // Spread arguments would overflow the stack at this number of samples.
  const begin = counted.reduce((first, { atUs }) => Math.min(first, atUs), Number.POSITIVE_INFINITY);
  const end = counted.reduce((last, { atUs }) => Math.max(last, atUs), Number.NEGATIVE_INFINITY);
  return [begin, end];
}

/** What was seen below a function, by line, where nothing was inlined. */
interface LinesBelow {
  /** The last of its own lines. */
  ownLast: number;
  readonly ownFirst: number;
  readonly stages: Map<number, Map<Stage, number>>;
}

/** Deeper than this nothing is put into a caller. */
const INLINED_DEPTH_MAX = 8;

function inlinedLines(plain: readonly ThreadProfile[]): ReadonlyMap<string, LinesBelow> {
  const byKey = new Map<string, LinesBelow>();
  for (const node of plain.flatMap(({ nodes }) => nodes)) {
    let ancestor: ProfileNode | null = node;
    for (let depth = 0; ancestor !== null && depth <= INLINED_DEPTH_MAX; depth++, ancestor = ancestor.parent) {
      const below = byKey.get(ancestor.key) ?? newLinesBelow(ancestor);
      byKey.set(ancestor.key, below);
      for (const { line, ticks } of node.ticks) {
        if (node.key === ancestor.key) below.ownLast = Math.max(below.ownLast, line);
        const stages = below.stages.get(line) ?? new Map<Stage, number>();
        stages.set(node.stage, (stages.get(node.stage) ?? 0) + ticks);
        below.stages.set(line, stages);
      }
    }
  }
  return byKey;
}

function newLinesBelow({ key }: ProfileNode): LinesBelow {
  // The profile counts the line of a function from 0, and lines of ticks from 1.
  const ownFirst = Number(key.slice(key.lastIndexOf(" ") + 1)) + 1;
  return { ownFirst, ownLast: ownFirst, stages: new Map() };
}

/** How the self time of a node is to be divided; the shares are 1 together. */
function stageShares(node: ProfileNode, below: LinesBelow | undefined): ReadonlyMap<Stage, number> {
  const total = node.ticks.reduce((sum, { ticks }) => sum + ticks, 0);
  if (below === undefined || total === 0) return new Map([[node.stage, 1]]);
  const shares = new Map<Stage, number>();
  const add = (stage: Stage, share: number) => shares.set(stage, (shares.get(stage) ?? 0) + share);
  for (const { line, ticks } of node.ticks) {
    const stages = below.stages.get(line);
    // A line between its own is its own, whatever else has a line of that number in another file.
    const isOwn = line >= below.ownFirst && line <= below.ownLast;
    if (isOwn || stages === undefined) add(node.stage, ticks / total);
    else {
      const seen = [...stages.values()].reduce((sum, count) => sum + count, 0);
      for (const [stage, count] of stages) add(stage, ((ticks / total) * count) / seen);
    }
  }
  return shares;
}
