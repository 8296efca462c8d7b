// A process of its own that runs topologies one after the other, and tells everything that it knows of them, so that
// its output can be searched for secrets: `node run-attempts.js '[{"name": "right", "topology": "relay", ...}]'`.
import { setTimeout as waitMs } from "node:timers/promises";
import { inspect } from "node:util";
import { describePlan, LocalCluster, type Run } from "../../../../src/index.ts";
import { copier } from "../../kafka/topologies/copier.ts";
import { relay } from "../../redis/topologies/relay.ts";
import type { Attempt, AttemptEnd } from "./attempts.ts";

const topologies = { copier, relay } as const;
const ENDLESS_MS = 15_000;
const NEVER = { acked: Number.POSITIVE_INFINITY, failed: Number.POSITIVE_INFINITY };

async function endOf(
  cluster: LocalCluster,
  { name, topology, options, endsAfter = NEVER }: Attempt,
): Promise<AttemptEnd> {
  const startMs = performance.now();
  let run: Run<unknown> | null = null;
  let outcome = "";
  let told: unknown[] = [];
  try {
    run = await cluster.submitTopology("attempt", topologies[topology] as never, { options: options as never });
    const ended = run.completed();
    ended.catch(() => {});
    const isDone = () => {
      const { acked, failed } = run!.totals().byComponent.source!;
      return acked >= endsAfter.acked || failed >= endsAfter.failed;
    };
    const lateMs = startMs + ENDLESS_MS;
    while (["active", "inactive"].includes(run.state) && !isDone() && performance.now() < lateMs) await waitMs(20);
    told = [run.metrics({ windows: ["all"] }), run.totals(), planText(run)];
    if (endsAfter !== NEVER) await run.kill();
    outcome = (await ended).outcome;
  } catch (error) {
    outcome = String((error as { code?: unknown }).code);
    told.push(error, String((error as Error).cause), JSON.stringify(error));
  }
  const ms = performance.now() - startMs;
  return { name, outcome, ms, text: inspect(told, { depth: 12, maxStringLength: null, maxArrayLength: null }) };
}

function planText({ plan, cores, name }: Run<unknown>): string {
  return describePlan(plan, { topology: name, cores, pinning: "off", usableCores: 1 });
}

const cluster = new LocalCluster({ workers: 1, logLevel: "trace", pin: "off" });
for (const attempt of JSON.parse(process.argv[2]!) as Attempt[]) {
  process.stdout.write(`${JSON.stringify(await endOf(cluster, attempt))}\n`);
}
await cluster.close();
