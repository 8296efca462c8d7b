import type { CreatedSpout } from "./create-instance.ts";
import type { HostedParts } from "./hosted-task.ts";
import type { SpoutReport } from "./position-marks.ts";

export interface SpoutParts extends HostedParts {
  readonly create: () => CreatedSpout;
  readonly idleMs: number;
  readonly idleMaxMs: number;
  readonly turnMs: number;
  readonly maxRatePerSecond: number | null;
  readonly rateBurst: number | null;
  /** Where to begin, when it is not the beginning. */
  readonly start: SpoutReport | undefined;
  /** Called from time to time with where the task is to begin if it has to be made again. */
  readonly positionMoved: (report: SpoutReport) => void;
}
