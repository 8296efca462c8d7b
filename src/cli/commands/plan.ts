import { resolveConfig } from "../../config/resolve-config.ts";
import { assignCores, workerCountFor } from "../../engine/plan/core-assignment.ts";
import { type AllowedCores, allowedCores } from "../../engine/plan/machine.ts";
import { summarizePlan } from "../../engine/plan/plan-summary.ts";
import { describeSummary } from "../../engine/plan/plan-text.ts";
import { readSystemText } from "../../engine/plan/read-system-text.ts";
import type { CommandContext } from "../command-context.ts";
import { findTopology, parseCores, parseOptions, settingsOf, type TopologyFlags } from "../command-inputs.ts";
import { EXIT_DONE } from "../exit-codes.ts";

export interface PlanFlags extends TopologyFlags {
  readonly cores?: string;
}

/** Prints the plan of a topology without running it: for this machine, or for one with `--cores` cores. */
export async function planCommand(module: string, flags: PlanFlags, context: CommandContext): Promise<number> {
  const { engine } = context;
  const options = parseOptions(flags.options);
  const commandLine = settingsOf(flags);
  const { workers, pin } = resolveConfig({ commandLine });
  const allowed = flags.cores === undefined ? allowedCores(readSystemText) : machineWith(parseCores(flags.cores));
  const request = { module, folder: context.folder, isTopology: engine.isTopology };
  const { name, topology } = await findTopology(request, flags);

  const workerCount = workerCountFor(workers, allowed);
  const plan = engine.planOf(topology, { options, commandLine, workerCount });
  const { cores, reason } = assignCores({ workerCount, allowed, pin });
  const summary = summarizePlan(plan, { topology: name, cores, pinning: reason, usableCores: allowed.usable });
  context.writeOut(`${flags.json === true ? JSON.stringify(summary, null, 2) : describeSummary(summary)}\n`);
  return EXIT_DONE;
}

function machineWith(coreCount: number): AllowedCores {
  return { cores: Array.from({ length: coreCount }, (_, core) => core), quota: null, usable: coreCount };
}
