import type { Logger } from "../../base/log.ts";
import type { MetricsConsumer, MetricsReport } from "../metrics-consumer.ts";
import type { ComponentWindowMetrics } from "../metrics-snapshot.ts";

/** One line per interval through a logger (pino's lines): what each component does per second, and how busy it is. */
export function logConsumer(logger: Logger): MetricsConsumer {
  return {
    name: "log",
    report(report: MetricsReport) {
      if (!logger.isLevelEnabled("info")) return;
      const { components, windows, uptimeMs } = report.snapshot({ windows: ["10s"], tasks: false });
      const { counts, complete } = windows["10s"]!;
      const lines = Object.entries(components).map(([id, { windows }]) => [id, brief(windows["10s"]!)]);
      const topology = { acked: counts.acked, failed: counts.failed, completeP99Ms: rounded(complete?.p99) };
      logger.info({ uptimeMs: Math.round(uptimeMs), ...topology, components: Object.fromEntries(lines) }, "metrics");
    },
  };
}

function brief(window: ComponentWindowMetrics): Record<string, number | undefined> {
  const { counts, shares, capacity, spanMs, execute } = window;
  const perSecond = (count: number) => (spanMs === 0 ? 0 : Math.round((count * 1_000) / spanMs));
  return {
    emittedPerSecond: perSecond(counts.emitted),
    executedPerSecond: perSecond(counts.executed),
    failed: counts.failed,
    busy: rounded(shares.busy),
    blocked: rounded(shares.blocked),
    capacity: rounded(capacity),
    executeP99Ms: rounded(execute?.p99),
  };
}

/** To three digits behind the point; undefined, which a line leaves out, for what there is not. */
function rounded(value: number | null | undefined): number | undefined {
  return value === null || value === undefined ? undefined : Math.round(value * 1_000) / 1_000;
}
