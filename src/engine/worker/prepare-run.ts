import { EngineError } from "../../base/engine-error.ts";
import type { OptionValues } from "../../config/option-values.ts";
import { type ConfigLayers, resolveConfig } from "../../config/resolve-config.ts";
import { buildSpec } from "../../topology/build-topology.ts";
import type { Topology } from "../../topology/define-topology.ts";
import { type Declarations, describeDifference, topologyHash } from "../../topology/topology-hash.ts";
import type { TopologySpec } from "../../topology/topology-spec.ts";
import { checkLimitIsReached, failurePlanOf } from "../executor/failure-plan.ts";
import { computePlan } from "../plan/compute-plan.ts";
import type { PhysicalPlan } from "../plan/physical-plan.ts";

/** A topology made ready on one thread: declared, checked, planned. */
export interface PreparedRun {
  readonly spec: TopologySpec;
  /** Where the options come from. */
  readonly layers: ConfigLayers;
  readonly plan: PhysicalPlan;
  readonly config: OptionValues;
  readonly configOf: (component: string) => OptionValues;
}

export interface PrepareSettings {
  readonly options: unknown;
  readonly layers: ConfigLayers;
  readonly workerCount: number;
}

/**
 * Runs the builder and computes the plan: the same on every thread, since each is a pure function of what it is
 * given.
 *
 * @throws EngineError whatever is wrong with the topology or its options
 */
export function prepareRun(topology: Topology, settings: PrepareSettings): PreparedRun {
  return planSpec(buildSpec(topology, settings.options as never), settings);
}

export function planSpec(spec: TopologySpec, { layers, workerCount }: Omit<PrepareSettings, "options">): PreparedRun {
  const config = resolveConfig(layers);
  const configs = new Map(
    spec.components.map(({ id, config: component }) => [
      id,
      resolveConfig({ ...layers, component, componentId: id }),
    ]),
  );
  for (const { id, onError } of spec.components) {
    checkLimitIsReached(id, failurePlanOf(onError, configs.get(id)!));
  }
  const plan = computePlan(spec, {
    workerCount,
    ringBudgetBytes: config.ringBudgetBytes,
    ringBytesMin: config.ringBytesMin,
    ringBytesMax: config.ringBytesMax,
    maxTaskParallelism: config.maxTaskParallelism,
  });
  return { spec, layers, plan, config, configOf: (component) => configs.get(component)! };
}

/** @throws EngineError TOPOLOGY_DIFFERS when the builder declared something else on this thread than on main */
export function checkSameDeclaration(spec: TopologySpec, main: { hash: string; declarations: Declarations }): void {
  if (topologyHash(spec) === main.hash) return;
  throw new EngineError("TOPOLOGY_DIFFERS", {
    problem: "the topology's builder declares something else on a worker thread than on the main thread",
    facts: { difference: describeDifference(main.declarations, spec, ["main", "worker"]) },
    remedy: "let the builder depend on its options only: not on time, randomness, the environment or the thread",
  });
}
