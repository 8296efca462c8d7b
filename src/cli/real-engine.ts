import { resolveConfig } from "../config/resolve-config.ts";
import { LocalCluster } from "../engine/cluster.ts";
import { computePlan } from "../engine/plan/compute-plan.ts";
import { buildSpec } from "../topology/build-topology.ts";
import { isTopology, type Topology } from "../topology/define-topology.ts";
import type { Ports } from "../topology/topology-ports.ts";
import type { ClusterFace, EngineFace, RunFace } from "./engine-face.ts";

/** The engine of this package. */
export const realEngine: EngineFace = {
  isTopology,
  planOf(topology, { options, commandLine, workerCount }) {
    return computePlan(buildSpec(topology as Topology, options as never), {
      ...resolveConfig({ commandLine }),
      workerCount,
    });
  },
  createCluster(commandLine): ClusterFace {
    const cluster = new LocalCluster({ overrides: commandLine });
    return {
      submitTopology: (name, topology, settings) =>
        cluster.submitTopology(name, topology as unknown as Topology<unknown, Ports>, settings) as Promise<RunFace>,
      close: () => cluster.close(),
    };
  },
};
