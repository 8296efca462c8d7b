import type { TopologySpec } from "../../../../src/topology/topology-spec.ts";
import { wordCount } from "../../../unit/plan/plan-fixtures.ts";

/** Something that the command takes for a topology. */
export function topologyWith(parallelismDefault: number | "auto"): { build(options: unknown): TopologySpec } {
  return {
    build: (options) => wordCount((options as { parallelism?: number }).parallelism ?? parallelismDefault),
  };
}
