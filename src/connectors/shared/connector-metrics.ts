import type { MetricCounter, MetricGauge, MetricHistogram, MetricMeter } from "../../component/metrics-context.ts";
import type { TaskContext } from "../../component/task-context.ts";

/** The metrics that connectors have in common; each makes only those that it can tell. */
export class ConnectorMetrics {
  readonly #context: TaskContext;

  constructor(context: TaskContext) {
    this.#context = context;
  }

  /** Messages that were read. */
  get read(): MetricMeter {
    return this.#context.metrics.meter("read");
  }

  /** Messages that the server, or the disk, has. */
  get written(): MetricMeter {
    return this.#context.metrics.meter("written");
  }

  /** Messages whose tuples were failed. */
  get failed(): MetricCounter {
    return this.#context.metrics.counter("failed");
  }

  get reconnects(): MetricCounter {
    return this.#context.metrics.counter("reconnects");
  }

  /** Messages, or batches, that wait for an answer. */
  inFlight(read: () => number): MetricGauge {
    return this.#context.metrics.gauge("inFlight", read);
  }

  /** How far the reader is behind its source. */
  lag(read: () => number): MetricGauge {
    return this.#context.metrics.gauge("lag", read);
  }

  /** 0 or 1. */
  connected(read: () => boolean): MetricGauge {
    return this.#context.metrics.gauge("connected", () => (read() ? 1 : 0));
  }

  get operationMs(): MetricHistogram {
    return this.#context.metrics.histogram("operationMs");
  }
}
