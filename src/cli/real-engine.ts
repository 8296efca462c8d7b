import { InvariantError } from "../base/invariant.ts";
import type { TopologySpec } from "../topology/topology-spec.ts";
import type { EngineFace } from "./engine-face.ts";

/** A topology as far as the commands look into it. */
interface BuildsSpec {
  build(options: unknown): TopologySpec;
}

/** The engine of this package. */
export const realEngine: EngineFace = {
  isTopology: (value) => typeof (value as Partial<BuildsSpec> | null | undefined)?.build === "function",
  specOf: (topology, options) => (topology as BuildsSpec).build(options),
  createCluster() {
    throw new InvariantError("this build has no engine");
  },
};
