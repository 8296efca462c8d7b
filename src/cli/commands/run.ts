import { resolveConfig } from "../../config/resolve-config.ts";
import type { CommandContext } from "../command-context.ts";
import { findTopology, parseOptions, parseUi, settingsOf, type TopologyFlags } from "../command-inputs.ts";
import type { ClusterFace, DashboardFace, RunFace, RunSummaryFace, Settings } from "../engine-face.ts";
import { EXIT_DONE, EXIT_STOPPED, EXIT_UNFINISHED } from "../exit-codes.ts";
import { LiveReporter } from "../live-reporter.ts";
import type { NamedTopology } from "../load-topology-module.ts";
import { formatElapsed } from "../number-text.ts";
import { ProgressReporter, type RunReporter } from "../progress-reporter.ts";
import { RunFailure } from "../report-error.ts";
import { servePorts } from "../serve-ports.ts";
import { describeRun } from "../summary-text.ts";

export interface RunFlags extends TopologyFlags {
  readonly runtime?: string;
  readonly print?: boolean;
  readonly supervise?: boolean;
  readonly ui?: string | true;
  readonly live?: boolean;
}

/** Runs a topology to its end, or until it is interrupted. Resolves with the exit code; rejects when it failed. */
export async function runCommand(module: string, flags: RunFlags, context: CommandContext): Promise<number> {
  const { engine } = context;
  const options = parseOptions(flags.options);
  const ui = flags.ui === undefined ? null : parseUi(flags.ui);
  const runtime = flags.runtime === undefined ? [] : [`runtime=${flags.runtime}`];
  const settings = settingsOf(flags, runtime);
  const { drainTimeoutMs } = resolveConfig({ commandLine: settings });
  const request = { module, folder: context.folder, isTopology: engine.isTopology };
  const chosen = await findTopology(request, flags);

  const print = flags.print === true;
  const isLive = flags.live === true;
  const summary = await runOnCluster({ chosen, options, settings, drainTimeoutMs, print, ui, isLive }, context);
  if (summary === null) return EXIT_UNFINISHED;
  const write = print ? context.writeErr : context.writeOut; // Printed tuples are the result, and have stdout alone.
  write(`${flags.json === true ? JSON.stringify(summary, null, 2) : describeRun(summary)}\n`);
  return summary.outcome === "killed" || summary.left > 0 ? EXIT_UNFINISHED : EXIT_DONE;
}

interface RunRequest {
  readonly chosen: NamedTopology;
  readonly options: unknown;
  readonly settings: Settings;
  readonly drainTimeoutMs: number;
  readonly print: boolean;
  /** Port of the dashboard, true for any; null without one. */
  readonly ui: true | number | null;
  /** Whether a table is shown in place of the line of progress. */
  readonly isLive: boolean;
}

/** Null when the run was interrupted before it had started. */
async function runOnCluster(request: RunRequest, context: CommandContext): Promise<RunSummaryFace | null> {
  const cluster = context.engine.createCluster(request.settings);
  const interrupts = new Interrupts(context, request.drainTimeoutMs);
  let dashboard: DashboardFace | null = null;
  try {
    if (request.ui !== null) {
      dashboard = await cluster.serveUi(request.ui);
      context.writeErr(`Dashboard: ${dashboard.link}\n`);
    }
    const run = await startRun(cluster, request, interrupts.startSignal);
    if (run === null) return null;
    const progress = request.isLive
      ? new LiveReporter(context, run.name, () => cluster.liveState(run))
      : new ProgressReporter(context, run);
    try {
      progress.say(`${run.name}: running ${workersText(run)}; Ctrl-C ends it in order`);
      interrupts.watch(run, progress);
      const say = (message: string) => progress.say(message);
      const served = servePorts(run, { print: request.print, say }, context);
      served.catch(() => undefined); // Outputs fail with the run: completed() tells.
      return await endOf(run, served);
    } finally {
      progress.stop();
    }
  } finally {
    interrupts.beginClosing();
    await dashboard?.close();
    await cluster.close();
    interrupts.stop(); // Only now: a second Ctrl-C must also end a close that takes long.
  }
}

async function endOf(run: RunFace, served: Promise<void>): Promise<RunSummaryFace> {
  try {
    const summary = await run.completed();
    await served;
    return summary;
  } catch (error) {
    throw new RunFailure(error);
  }
}

async function startRun(
  cluster: ClusterFace,
  { chosen, options }: RunRequest,
  signal: AbortSignal,
): Promise<RunFace | null> {
  try {
    return await cluster.submitTopology(chosen.name, chosen.topology, { options, signal });
  } catch (error) {
    if (signal.aborted && error === signal.reason) return null;
    throw error;
  }
}

function workersText({ plan }: RunFace): string {
  const tasks = plan.tasks.length - 1;
  return `${tasks} task${tasks === 1 ? "" : "s"} on ${plan.workerCount} worker${plan.workerCount === 1 ? "" : "s"}`;
}

/**
 * The first interrupt gives the run up while it starts, and drains it when it runs; when it has ended, there is only
 * to wait. The second ends the process.
 */
class Interrupts {
  readonly #context: CommandContext;
  readonly #drainTimeoutMs: number;
  readonly #start = new AbortController();
  readonly #unsubscribe: () => void;
  #count = 0;
  #run: RunFace | null = null;
  #progress: RunReporter | null = null;
  #closing = false;

  constructor(context: CommandContext, drainTimeoutMs: number) {
    this.#context = context;
    this.#drainTimeoutMs = drainTimeoutMs;
    this.#unsubscribe = context.onInterrupt(() => this.#interrupt());
  }

  get startSignal(): AbortSignal {
    return this.#start.signal;
  }

  watch(run: RunFace, progress: RunReporter): void {
    this.#run = run;
    this.#progress = progress;
    if (this.#count > 0) this.#drain(run);
  }

  beginClosing(): void {
    this.#closing = true;
  }

  stop(): void {
    this.#unsubscribe();
  }

  #interrupt(): void {
    this.#count += 1;
    if (this.#count > 1) {
      this.#say("Stopped.");
      this.#context.exitNow(EXIT_STOPPED);
    } else if (this.#closing) {
      this.#say("The run has ended and is being cleared away. Ctrl-C again stops at once.");
    } else if (this.#run === null) {
      this.#say("Interrupted before the topology had started. Ctrl-C again stops at once.");
      this.#start.abort();
    } else {
      this.#drain(this.#run);
    }
  }

  #drain(run: RunFace): void {
    const deadline = formatElapsed(this.#drainTimeoutMs);
    this.#say(`Draining: spouts stop, what is under way is finished within ${deadline}. Ctrl-C again stops at once.`);
    // A drain that fails fails the run: completed() tells.
    run.drain({ deadlineMs: this.#drainTimeoutMs }).catch(() => undefined);
  }

  #say(message: string): void {
    if (this.#progress === null) this.#context.writeErr(`${message}\n`);
    else this.#progress.say(message);
  }
}
