import { wallClock } from "../base/clock.ts";
import { resolveConfig } from "../config/resolve-config.ts";
import { LocalCluster } from "../engine/cluster.ts";
import { computePlan } from "../engine/plan/compute-plan.ts";
import { liveState } from "../http/live-state.ts";
import { type ObservedRun, RunSource } from "../http/run-source.ts";
import { serveUi } from "../http/serve-ui.ts";
import { settingRows } from "../http/setting-rows.ts";
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
    const runs: ObservedRun[] = [];
    const observed = { runs, settings: settingRows({ commandLine }) };
    const source = new RunSource(observed, () => wallClock.nowMs());
    return {
      async submitTopology(name, topology, settings) {
        const run = await cluster.submitTopology(name, topology as unknown as Topology<unknown, Ports>, settings);
        runs.push(run as unknown as ObservedRun);
        return run as unknown as RunFace;
      },
      serveUi: (ui) => serveUi(observed, ui),
      liveState: ({ name }) => liveState(source.topologies().find(({ id }) => id === name)!),
      close: () => cluster.close(),
    };
  },
};
