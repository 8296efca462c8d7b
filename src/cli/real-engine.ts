import { InvariantError } from "../base/invariant.ts";
import { resolveConfig } from "../config/resolve-config.ts";
import { computePlan } from "../engine/plan/compute-plan.ts";
import type { TopologySpec } from "../topology/topology-spec.ts";
import type { EngineFace } from "./engine-face.ts";

/** A topology as far as the commands look into it. */
interface BuildsSpec {
  build(options: unknown): TopologySpec;
}

/** The engine of this package. */
export const realEngine: EngineFace = {
  isTopology: (value) => typeof (value as Partial<BuildsSpec> | null | undefined)?.build === "function",
  planOf(topology, { options, commandLine, workerCount }) {
    return computePlan((topology as BuildsSpec).build(options), { ...resolveConfig({ commandLine }), workerCount });
  },
  createCluster() {
    throw new InvariantError("this build has no engine");
  },
};
