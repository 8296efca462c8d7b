import type { BackendEvents } from "./run-backend.ts";
import type { PreparedRun } from "./worker/prepare-run.ts";
import type { OffloadPool } from "./worker/worker-host.ts";
import type { WorkerStart } from "./worker/worker-protocol.ts";

export interface ThreadedBackendParts extends PreparedRun {
  /** What every worker is started with, but for its number, core and memory. */
  readonly start: Omit<
    WorkerStart,
    "port" | "thread" | "core" | "memory" | "spinMs" | "epoch" | "replaces" | "positions"
  >;
  readonly cores: readonly (number | null)[];
  readonly spinMs: number;
  readonly offload: OffloadPool;
  readonly events: BackendEvents;
  /** Told for each worker that was to be pinned and could not be. */
  readonly notPinned: (reason: string) => void;
}
