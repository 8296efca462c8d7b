import { EngineError } from "../base/engine-error.ts";
import { nearestName } from "../base/nearest-name.ts";
import { hasEnded } from "../http/ui-source.ts";
import type { CommandContext } from "./command-context.ts";

/** A process of this user whose dashboard is on, as the commands see it. */
export interface RemoteProcess {
  readonly pid: number;
  readonly url: string;
  /** @throws EngineError (rejects) CLI_REQUEST_FAILED */
  get(path: string): Promise<unknown>;
  /** @throws EngineError (rejects) CLI_REQUEST_FAILED */
  post(path: string, body?: unknown): Promise<unknown>;
  /**
   * Posts, for an answer that is a file.
   * @throws EngineError (rejects) CLI_REQUEST_FAILED
   */
  download(path: string): Promise<AsyncIterable<Uint8Array>>;
}

/** A row of the topology summary, as far as the commands read it. */
export interface RemoteTopology {
  readonly id: string;
  readonly state: string;
  readonly uptime: string;
  readonly tasksTotal: number;
  readonly workersTotal: number;
}

export interface FoundTopology {
  readonly process: RemoteProcess;
  readonly topology: RemoteTopology;
}

/** All topologies of all processes; a process that does not answer any more is left out. */
export async function findTopologies({ findProcesses }: CommandContext): Promise<FoundTopology[]> {
  const processes = await findProcesses();
  const found = await Promise.all(
    processes.map(async (process) => {
      const summary = (await process.get("/api/v1/topology/summary").catch(() => null)) as {
        readonly topologies: readonly RemoteTopology[];
      } | null;
      return (summary?.topologies ?? []).map((topology) => ({ process, topology }));
    }),
  );
  return found.flat();
}

/**
 * The topology of that name that runs; if none does, one that has ended.
 *
 * @throws EngineError (rejects) CLI_UNKNOWN_TOPOLOGY when there is none, or several
 */
export async function chooseRemote(
  name: string,
  { pid }: { readonly pid?: string },
  context: CommandContext,
): Promise<FoundTopology> {
  const all = (await findTopologies(context)).filter(
    ({ process }) => pid === undefined || String(process.pid) === pid,
  );
  const named = all.filter(({ topology }) => topology.id === name);
  const running = named.filter(({ topology }) => !hasEnded(topology));
  const found = running.length > 0 ? running : named.slice(0, 1);
  if (found.length === 1) return found[0]!;
  const names = [...new Set(all.map(({ topology }) => topology.id))];
  if (found.length > 1) {
    throw new EngineError("CLI_UNKNOWN_TOPOLOGY", {
      problem: `${found.length} processes run a topology named "${name}"`,
      facts: { processes: found.map(({ process }) => process.pid) },
      remedy: `choose one of them: --pid ${found[0]!.process.pid}`,
    });
  }
  const nearest = nearestName(name, names);
  throw new EngineError("CLI_UNKNOWN_TOPOLOGY", {
    problem: `no process that can be reached has a topology named "${name}"`,
    facts: { topologies: names, pid },
    remedy: nearest === null ? "start the process with --ui, as the same user" : `did you mean "${nearest}"?`,
  });
}

/** The path of a topology in the API. */
export function apiPath(topology: string, ...rest: readonly string[]): string {
  return `/api/v1/topology/${[topology, ...rest].map(encodeURIComponent).join("/")}`;
}
