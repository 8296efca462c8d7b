import { BUCKET_COUNT, bucketMiddle, bucketOf } from "../../memory/histogram-scale.ts";
import type { HistogramName } from "../metric-layout.ts";
import type { MetricsConsumer, MetricsReport } from "../metrics-consumer.ts";
import type { ComponentMetrics, MetricCounts, MetricsSnapshot, UserMetricSnapshot } from "../metrics-snapshot.ts";

type Labels = Readonly<Record<string, string | number>>;

export interface PrometheusValue {
  readonly value: number;
  readonly labels: Labels;
  /** Of a histogram: the family's name with `_bucket`, `_sum` or `_count`. */
  readonly metricName?: string;
}

/** One metric of Prometheus, in the shape that a registry of prom-client keeps. */
export interface PrometheusMetric {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly aggregator: "sum";
  readonly values: readonly PrometheusValue[];
}

/** What this consumer needs of a `Registry` of prom-client. */
export interface PrometheusRegistry {
  registerMetric(metric: object): void;
}

interface Latest {
  readonly snapshot: MetricsSnapshot;
  readonly buckets: (component: string, name: HistogramName) => Float64Array | null;
}

/**
 * Keeps the newest numbers for a registry of prom-client, which makes Prometheus' text of them whenever it is asked:
 * `registry.metrics()`. Counters are totals since the start of the run.
 */
export function prometheusConsumer(registry: PrometheusRegistry): MetricsConsumer {
  let latest: Latest | null = null;
  for (const { name, help, type, values } of FAMILIES) {
    registry.registerMetric({
      name,
      help,
      type,
      aggregator: "sum",
      get: (): Promise<PrometheusMetric> =>
        Promise.resolve({ name, help, type, aggregator: "sum", values: latest === null ? [] : values(latest) }),
      // A registry resets all that it has; these numbers are not its own.
      reset: () => {},
    });
  }
  return {
    name: "prometheus",
    report(report: MetricsReport) {
      const snapshot = report.snapshot({ windows: ["10s", "all"], tasks: false });
      const counts = new Map<string, Float64Array | null>();
      for (const component of Object.keys(snapshot.components)) {
        for (const name of HISTOGRAM_NAMES) {
          counts.set(`${component} ${name}`, report.bucketsOf(component, name)?.slice() ?? null);
        }
      }
      latest = { snapshot, buckets: (component, name) => counts.get(`${component} ${name}`) ?? null };
    },
  };
}

const HISTOGRAM_NAMES = ["execute", "process", "complete"] as const;

interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: PrometheusMetric["type"];
  readonly values: (latest: Latest) => readonly PrometheusValue[];
}

function forComponents(
  values: (component: ComponentMetrics, labels: Labels) => readonly PrometheusValue[],
): Family["values"] {
  return ({ snapshot }) =>
    Object.entries(snapshot.components).flatMap(([component, metrics]) =>
      values(metrics, { topology: snapshot.topology, component }),
    );
}

function counter(counts: keyof MetricCounts, name: string, help: string): Family {
  const values = forComponents(({ windows }, labels) => [{ value: windows.all!.counts[counts], labels }]);
  return { name: `stormcell_${name}_total`, help, type: "counter", values };
}

function gauge(name: string, help: string, value: (component: ComponentMetrics) => number | null): Family {
  const values = forComponents((component, labels) => {
    const now = value(component);
    return now === null ? [] : [{ value: now, labels }];
  });
  return { name: `stormcell_${name}`, help, type: "gauge", values };
}

function streamCounter(counts: "emitted" | "transferred", help: string): Family {
  const values = forComponents(({ windows }, labels) =>
    Object.entries(windows.all!.outputs).map(([stream, output]) => ({
      value: output[counts],
      labels: { ...labels, stream },
    })),
  );
  return { name: `stormcell_${counts}_total`, help, type: "counter", values };
}

function histogram(histogramName: HistogramName, help: string): Family {
  const name = `stormcell_${histogramName}_seconds`;
  const values: Family["values"] = ({ snapshot, buckets }) =>
    Object.keys(snapshot.components).flatMap((component) => {
      const counts = buckets(component, histogramName);
      return counts === null ? [] : histogramValues(name, counts, { topology: snapshot.topology, component });
    });
  return { name, help, type: "histogram", values };
}

/** A unit of latency, in seconds. */
const UNIT_SECONDS = 64e-9;
/** Ends of the buckets that Prometheus gets: 1.024 us, and four times the one before, up to 73 minutes. */
const ENDS = Array.from({ length: 17 }, (_, step) => 2 ** (4 + 2 * step));

function histogramValues(name: string, counts: Float64Array, labels: Labels): PrometheusValue[] {
  const values: PrometheusValue[] = [];
  let count = 0;
  let sum = 0;
  let bucket = 0;
  for (const end of ENDS) {
    const until = Math.min(BUCKET_COUNT, end >= 2 ** 36 ? BUCKET_COUNT : bucketOf(end));
    for (; bucket < until; bucket++) {
      count += counts[bucket]!;
      sum += counts[bucket]! * bucketMiddle(bucket);
    }
    const le = end >= 2 ** 36 ? "+Inf" : String(Number((end * UNIT_SECONDS).toPrecision(12)));
    values.push({ metricName: `${name}_bucket`, value: count, labels: { ...labels, le } });
  }
  values.push({ metricName: `${name}_sum`, value: sum * UNIT_SECONDS, labels });
  values.push({ metricName: `${name}_count`, value: count, labels });
  return values;
}

function userCounter(kinds: readonly UserMetricSnapshot["kind"][]): Family["values"] {
  return forComponents(({ user }, labels) =>
    Object.entries(user).flatMap(([metric, found]) =>
      kinds.includes(found.kind) && "count" in found ? [{ value: found.count, labels: { ...labels, metric } }] : [],
    ),
  );
}

const userGauge = forComponents(({ user }, labels) =>
  Object.entries(user).flatMap(([metric, found]) =>
    found.kind !== "gauge"
      ? []
      : Object.entries(found.byTask).map(([task, value]) => ({ value, labels: { ...labels, metric, task } })),
  ),
);

const FAMILIES: readonly Family[] = [
  streamCounter("emitted", "Calls of emit, by stream."),
  streamCounter("transferred", "Copies of tuples sent, by stream."),
  counter("executed", "executed", "Tuples executed."),
  counter("acked", "acked", "Of a bolt, tuples acked; of a spout, trees fully processed."),
  counter("failed", "failed", "Of a bolt, tuples failed; of a spout, trees failed for any reason."),
  counter("timedOut", "timed_out", "Trees whose time was up."),
  counter("firsts", "first_attempts", "Distinct messages emitted by a spout."),
  counter("replayed", "replayed", "Emits of messages that had been emitted before."),
  counter("errors", "errors", "Errors reported by a component, and those of its hooks."),
  counter("restarts", "restarts", "How often tasks went on with a new instance."),
  counter("expired", "expired", "Tuples that were not executed, since their trees had failed."),
  counter("dropped", "dropped", "Tuples whose execution threw, and which were acked all the same."),
  counter("deadLettered", "dead_lettered", "Messages given up."),
  gauge("busy_ratio", "Share of the last 10 s that tasks worked.", ({ windows }) => windows["10s"]!.shares.busy),
  gauge("blocked_ratio", "Share of the last 10 s without room.", ({ windows }) => windows["10s"]!.shares.blocked),
  gauge("waiting_ratio", "Share of the last 10 s held by promises.", ({ windows }) => windows["10s"]!.shares.waiting),
  gauge("capacity_ratio", "Share of the last 10 s spent in execute.", ({ windows }) => windows["10s"]!.capacity),
  gauge("waiting_rows", "Rows that wait in queues of tasks.", ({ levels }) => levels.waitingRows),
  gauge("backlog_rows", "Rows that found no room.", ({ levels }) => levels.backlogRows),
  gauge("pending_trees", "Trees that are not fully processed.", ({ levels }) => levels.pendingTrees),
  histogram("execute", "Time of one call of execute."),
  histogram("process", "Time from the beginning of execute to ack or fail."),
  histogram("complete", "Time from the emit of a spout to the end of the tree."),
  {
    name: "stormcell_user_total",
    help: "Counters and meters of user code.",
    type: "counter",
    values: userCounter(["counter", "meter"]),
  },
  { name: "stormcell_user", help: "Gauges of user code.", type: "gauge", values: userGauge },
];
