import { LocalCluster, type LocalClusterConfig, type Run, type RunSummary, type Topology } from "../../src/index.ts";

export interface RunResult {
  readonly summary: RunSummary;
  /** The values of every tuple that came out, by output port, in order. */
  readonly rows: Readonly<Record<string, unknown[][]>>;
}

export interface RunToEndSettings {
  readonly options?: unknown;
  readonly cluster?: LocalClusterConfig;
  /** Called once the run has started. */
  readonly started?: (run: Run<unknown>) => void;
}

/** Looks without any progress after which a run is taken for stuck. */
const STALLED_LOOKS = 8;
const LOOK_MS = 500;

/**
 * Runs a finite topology to its end and collects what its outputs give. A run that makes no progress fails with a
 * report of what every component has done, instead of hanging.
 */
export async function runToEnd(topology: Topology<never>, settings: RunToEndSettings = {}): Promise<RunResult> {
  const cluster = new LocalCluster({ logLevel: "silent", ...settings.cluster } as LocalClusterConfig);
  const rows: Record<string, unknown[][]> = {};
  try {
    const run = await cluster.submitTopology("under-test", topology as unknown as Topology<unknown>, {
      options: settings.options,
    });
    settings.started?.(run);
    const reading = Object.entries(run.outputs as Record<string, AsyncIterable<{ $: { values: unknown[] } }>>).map(
      async ([port, output]) => {
        const found: unknown[][] = [];
        rows[port] = found;
        for await (const tuple of output) found.push([...tuple.$.values]);
      },
    );
    const [summary] = await Promise.race([Promise.all([run.completed(), ...reading]), failWhenStalled(run)]);
    return { summary, rows };
  } finally {
    await cluster.close();
  }
}

/** Rejects when nothing has moved for a while; otherwise it never settles. Must not outlive its run. */
function failWhenStalled(run: Run<unknown>): Promise<never> {
  return new Promise((_, reject) => {
    let before = "";
    let looks = 0;
    const timer = setInterval(() => {
      const now = JSON.stringify(run.totals());
      looks = now === before ? looks + 1 : 0;
      before = now;
      if (looks < STALLED_LOOKS) return;
      clearInterval(timer);
      void run.kill();
      reject(new Error(`no progress for ${STALLED_LOOKS * LOOK_MS} ms: ${JSON.stringify(run.totals(), null, 1)}`));
    }, LOOK_MS);
    const stop = () => clearInterval(timer);
    run.completed().then(stop, stop);
  });
}
