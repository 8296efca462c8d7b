import { textTable } from "../../engine/plan/text-table.ts";
import type { LiveState } from "../../http/live-state.ts";
import { hasEnded } from "../../http/ui-source.ts";
import type { CommandContext } from "../command-context.ts";
import { parseSeconds } from "../command-inputs.ts";
import { EXIT_DONE } from "../exit-codes.ts";
import { LiveScreen } from "../live-screen.ts";
import { liveLines } from "../live-table.ts";
import { apiPath, chooseRemote, type FoundTopology, findTopologies } from "../remote-process.ts";
import { describeTopology, type RemoteConfiguration, type RemoteGraph } from "../topology-text.ts";

/** What the commands that talk to a running process have in common. */
export interface RemoteFlags {
  readonly pid?: string;
  readonly json?: boolean;
}

export interface KillFlags extends RemoteFlags {
  readonly wait?: string;
}

export interface MonitorFlags extends RemoteFlags {
  readonly interval: string;
}

/** Prints the topologies of all processes of this user whose dashboard is on. */
export async function listCommand(flags: RemoteFlags, context: CommandContext): Promise<number> {
  const found = await findTopologies(context);
  if (flags.json === true) {
    const rows = found.map(({ process, topology }) => ({ pid: process.pid, url: process.url, ...topology }));
    context.writeOut(`${JSON.stringify(rows, null, 2)}\n`);
  } else if (found.length === 0) {
    context.writeErr("No topology can be reached: processes show theirs when they run with --ui.\n");
  } else {
    context.writeOut(`${listLines(found).join("\n")}\n`);
  }
  return EXIT_DONE;
}

function listLines(found: readonly FoundTopology[]): string[] {
  return textTable(
    [
      { header: "topology" },
      { header: "state" },
      { header: "uptime", align: "right" },
      { header: "tasks", align: "right" },
      { header: "workers", align: "right" },
      { header: "pid", align: "right" },
      { header: "dashboard" },
    ],
    found.map(({ process, topology: { id, state, uptime, tasksTotal, workersTotal } }) => [
      id,
      state,
      uptime,
      String(tasksTotal),
      String(workersTotal),
      String(process.pid),
      process.url,
    ]),
  );
}

/** Prints components, streams, workers and settings of a topology. */
export async function describeCommand(name: string, flags: RemoteFlags, context: CommandContext): Promise<number> {
  const { process } = await chooseRemote(name, flags, context);
  const [graph, configuration] = (await Promise.all([
    process.get(apiPath(name, "graph")),
    process.get(apiPath(name, "configuration")),
  ])) as [RemoteGraph, RemoteConfiguration];
  const isJson = flags.json === true;
  context.writeOut(
    isJson
      ? `${JSON.stringify({ graph, ...configuration }, null, 2)}\n`
      : `${describeTopology(graph, configuration)}\n`,
  );
  return EXIT_DONE;
}

/** Lets spouts of a topology emit again, or stops calling them. */
export async function switchCommand(
  operation: "activate" | "deactivate",
  name: string,
  flags: RemoteFlags,
  context: CommandContext,
): Promise<number> {
  const { process } = await chooseRemote(name, flags, context);
  const answer = await process.post(apiPath(name, operation));
  tell(answer, `${name} is ${operation === "activate" ? "active" : "inactive"}.`, flags, context);
  return EXIT_DONE;
}

/** Ends a topology: what is under way is finished, up to a deadline. */
export async function killCommand(name: string, flags: KillFlags, context: CommandContext): Promise<number> {
  const wait = flags.wait === undefined ? "default" : String(parseSeconds("--wait", flags.wait, 0));
  const { process } = await chooseRemote(name, flags, context);
  const answer = await process.post(apiPath(name, "kill", wait));
  const deadline = wait === "default" ? "its drain timeout" : `${wait} s`;
  const text =
    wait === "0" ? `${name} is being ended.` : `${name} is finishing what is under way, for at most ${deadline}.`;
  tell(answer, text, flags, context);
  return EXIT_DONE;
}

function tell(answer: unknown, text: string, flags: RemoteFlags, context: CommandContext): void {
  if (flags.json === true) context.writeOut(`${JSON.stringify(answer, null, 2)}\n`);
  else context.writeErr(`${text}\n`);
}

/** Shows what a topology does, again and again, until it has ended or is no longer to be watched. */
export async function monitorCommand(name: string, flags: MonitorFlags, context: CommandContext): Promise<number> {
  const intervalMs = parseSeconds("--interval", flags.interval, 1) * 1000;
  const { process } = await chooseRemote(name, flags, context);
  const screen = new LiveScreen({
    write: context.writeOut,
    columns: () => (context.isOutTerminal() && flags.json !== true ? (context.terminalColumns() ?? 80) : null),
    rows: context.terminalRows,
  });
  const stop = new AbortController();
  const unsubscribe = context.onInterrupt(() => stop.abort());
  let hasSeen = false;
  try {
    while (!stop.signal.aborted) {
      const live = (await process.get(apiPath(name, "state")).catch((error: unknown) => {
        if (!hasSeen) throw error;
        return null;
      })) as LiveState | null;
      if (live === null) {
        context.writeErr(`Process ${process.pid} does not answer any more: it, or its dashboard, has ended.\n`);
        break;
      }
      hasSeen = true;
      if (flags.json === true) context.writeOut(`${JSON.stringify(live)}\n`);
      else screen.show(liveLines(name, live));
      if (hasEnded(live)) break;
      await context.pause(intervalMs, stop.signal);
    }
  } finally {
    unsubscribe();
  }
  return EXIT_DONE;
}
