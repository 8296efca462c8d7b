import { realClock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import type { ClaimStore } from "./claims/claim-store.ts";
import type { RunProbe } from "./executor/run-probe.ts";
import { InlineBackend } from "./inline-backend.ts";
import type { InlineTime } from "./inline-driver.ts";
import { TopologyRun } from "./topology-run.ts";
import type { PreparedRun } from "./worker/prepare-run.ts";
import type { OffloadPool } from "./worker/worker-host.ts";

export interface InlineRunParts {
  readonly prepared: PreparedRun;
  readonly name: string;
  readonly options: unknown;
  readonly logger: Logger;
  readonly offload: OffloadPool;
  readonly time?: InlineTime | undefined;
  readonly probe?: RunProbe | undefined;
  readonly claims?: ClaimStore | undefined;
}

/** A run whose tasks all live on the calling thread, under virtual time; and the backend that moves both. */
export function makeInlineRun(parts: InlineRunParts): { readonly run: TopologyRun; readonly backend: InlineBackend } {
  const { prepared, name, options, logger, offload, time, probe, claims } = parts;
  let backend: InlineBackend | undefined;
  const run = new TopologyRun({
    ...prepared,
    name,
    clock: realClock,
    logger,
    makeBackend: (events) => {
      backend = new InlineBackend({
        ...prepared,
        topologyName: name,
        options,
        logger,
        offload: (module, fn, args) => offload.run(module, fn, args),
        events,
        time,
        probe,
        claims,
      });
      return backend;
    },
  });
  return { run, backend: backend! };
}
