import { EngineError } from "../../base/engine-error.ts";
import type { InspectedHop, InspectedPath, InspectedTuple } from "../../engine/run-inspector.ts";
import type { CommandContext } from "../command-context.ts";
import { parsePercent, parseSeconds } from "../command-inputs.ts";
import { EXIT_DONE } from "../exit-codes.ts";
import { formatLatency } from "../live-table.ts";
import { apiPath, chooseRemote, type RemoteProcess } from "../remote-process.ts";
import type { RemoteFlags } from "./remote.ts";

export interface InspectFlags extends RemoteFlags {
  readonly percent: string;
  readonly seconds?: string;
  readonly trees?: boolean;
}

interface Watch {
  readonly process: RemoteProcess;
  readonly name: string;
  /** Null for all of them. */
  readonly component: string | null;
  readonly percent: number;
}

const LOOK_MS = 1_000;

/**
 * Prints sampled tuples of a component as they come, or the ways of sampled trees through all components, until
 * Ctrl-C or the time is over. The sampling is switched off at the end.
 */
export async function inspectCommand(
  name: string,
  component: string | undefined,
  flags: InspectFlags,
  context: CommandContext,
): Promise<number> {
  const percent = parsePercent("--percent", flags.percent);
  const forMs = flags.seconds === undefined ? null : parseSeconds("--seconds", flags.seconds, 1) * 1000;
  const { process } = await chooseRemote(name, flags, context);
  // The ways of trees are seen by the components that they go through: so all of them are sampled.
  const isTrees = flags.trees === true || component === undefined;
  const watch: Watch = { process, name, component: isTrees ? null : component, percent };
  const stop = new AbortController();
  const unsubscribe = context.onInterrupt(() => stop.abort());
  const print = (shown: unknown, text: () => string) =>
    context.writeOut(flags.json === true ? `${JSON.stringify(shown)}\n` : `${text()}\n`);
  try {
    // What an earlier sampling left is not shown again.
    const look = await (isTrees ? treeLooks(watch, print) : tupleLooks(watch, component, print));
    await sample(watch, "enable");
    const endMs = forMs === null ? Number.POSITIVE_INFINITY : context.clock.nowMs() + forMs;
    while (!stop.signal.aborted && context.clock.nowMs() < endMs) {
      await context.pause(Math.min(LOOK_MS, endMs - context.clock.nowMs()), stop.signal);
      await look();
    }
  } catch (error) {
    if (!(error instanceof EngineError) || error.code !== "CLI_REQUEST_FAILED") throw error;
    context.writeErr(`${name} cannot be looked at any more: it, its process or its dashboard has ended.\n`);
  } finally {
    unsubscribe();
    await sample(watch, "disable").catch(() => undefined);
  }
  return EXIT_DONE;
}

function sample({ process, name, component, percent }: Watch, action: "enable" | "disable"): Promise<unknown> {
  const place = component === null ? [] : ["component", component];
  return process.post(apiPath(name, ...place, "debug", action, String(percent)));
}

type Print = (shown: unknown, text: () => string) => void;

/** Prints at each look the tuples that the look before had not seen, the oldest first. */
async function tupleLooks({ process, name }: Watch, component: string, print: Print): Promise<() => Promise<void>> {
  const read = async () => {
    const { events } = (await process.get(apiPath(name, "component", component, "events"))) as {
      readonly events: readonly InspectedTuple[];
    };
    return new Map(events.toReversed().map((event) => [JSON.stringify(event), event]));
  };
  let seen = await read();
  return async () => {
    const now = await read();
    for (const [key, event] of now) if (!seen.has(key)) print(event, () => tupleText(event));
    seen = now;
  };
}

/** Prints a tree once it has had no further hop from one look to the next. */
async function treeLooks({ process, name }: Watch, print: Print): Promise<() => Promise<void>> {
  const read = async () =>
    ((await process.get(apiPath(name, "trees"))) as { readonly trees: readonly InspectedPath[] }).trees;
  let hopCounts = new Map<number, number>();
  let printed = new Set((await read()).map(({ timeMs }) => timeMs));
  return async () => {
    const trees = await read();
    const nowPrinted = new Set<number>();
    for (const tree of trees.toReversed()) {
      const isQuiet = hopCounts.get(tree.timeMs) === tree.hops.length;
      if (isQuiet && !printed.has(tree.timeMs)) print(tree, () => treeText(tree));
      if (isQuiet || printed.has(tree.timeMs)) nowPrinted.add(tree.timeMs);
    }
    hopCounts = new Map(trees.map(({ timeMs, hops }) => [timeMs, hops.length]));
    printed = nowPrinted;
  };
}

function tupleText({ timeMs, task, source, stream, values, executeMs, component }: InspectedTuple): string {
  const how = executeMs === null ? "emitted" : `executed in ${formatLatency(executeMs)}`;
  return `${timeOfDay(timeMs)}  ${component}[${task}]  ${source}.${stream}  ${JSON.stringify(values)}  ${how}`;
}

function treeText({ timeMs, hops }: InspectedPath): string {
  return [`${timeOfDay(timeMs)}  a tree of ${hops.length}`, ...hops.map(hopText)].join("\n");
}

function hopText({ component, task, source, stream, values, queuedMs, executeMs }: InspectedHop): string {
  const took = `queued ${formatLatency(queuedMs)}, executing ${formatLatency(executeMs)}`;
  return `  ${component}[${task}]  from ${source}.${stream}  ${took}  ${JSON.stringify(values)}`;
}

function timeOfDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(11, 23);
}
