import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import type { TopologyRun } from "../../../src/engine/topology-run.ts";
import type { LocalCluster, LocalClusterConfig } from "../../../src/index.ts";
import { clusterFor, type Runtime } from "../engine/helpers.ts";
import { type OwningOptions, owning } from "./topologies/owning.ts";

export interface Line {
  readonly task: number;
  readonly epoch: number;
  readonly what: string;
}

/** A folder for a test's claims and journal, and a cluster whose claims are there. */
export function stageFor(t: TestContext, runtime: Runtime, config: LocalClusterConfig = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-owning-"));
  const claimsFolder = path.join(folder, "claims");
  const cluster = clusterFor(runtime, { workers: 2, claimsFolder, ...config });
  t.after(async () => {
    await cluster.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const submit = (options: Partial<OwningOptions> = {}) => submitTo(cluster, { folder, rows: 50, ...options });
  return { folder, claimsFolder, cluster, submit, journal: () => journalIn(folder) };
}

/** Rows whose trees are complete. */
export function ackedIn(run: TopologyRun): number {
  return run.totals().byComponent.numbers!.acked;
}

async function submitTo(cluster: LocalCluster, options: OwningOptions): Promise<TopologyRun> {
  const run = (await cluster.submitTopology("owning", owning, { options })) as unknown as TopologyRun;
  run.completed().catch(() => {});
  return run;
}

function journalIn(folder: string): Line[] {
  const file = path.join(folder, "journal");
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => {
    const [task, epoch, ...what] = line.split(" ");
    return { task: Number(task), epoch: Number(epoch), what: what.join(" ") };
  });
}

/** Lines that an owner wrote when its successor was there already; what it was refused is no write. */
export function lateLines(journal: readonly Line[]): Line[] {
  const opened = new Map<number, number>();
  return journal.filter(({ task, epoch, what }) => {
    if (what === "open") opened.set(task, epoch);
    return epoch < (opened.get(task) ?? 0) && !what.startsWith("refused");
  });
}
