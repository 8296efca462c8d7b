import type { TestContext } from "node:test";
import { setTimeout as waitMs } from "node:timers/promises";
import { KafkaSource } from "../../../../src/connectors/kafka/kafka-source.ts";
import { readSpoutOptions } from "../../../../src/connectors/kafka/kafka-spout-options.ts";
import { stubContext } from "../once/stub-context.ts";
import type { PlayedKafka } from "./played-kafka.ts";

export interface Emitted {
  readonly partition: number;
  readonly offset: number;
  readonly value: string;
  readonly id: unknown;
}

/** A task of a Kafka spout on a played broker, without an engine: the test asks it for messages, and acks them. */
export class PlayedSource {
  readonly source: KafkaSource;
  readonly emitted: Emitted[] = [];
  /** Ids of bad messages, where they go to a stream. */
  readonly bad: unknown[] = [];
  /** What the last call has come to, or "waiting". */
  said: unknown = "waiting";
  readonly #gauges = new Map<string, () => number>();
  #isAsked = false;

  constructor(kafka: PlayedKafka, options: object = {}, position?: unknown) {
    const meter = { increment: () => {}, mark: () => {}, set: () => {}, record: () => {} };
    const gauge = (name: string, read?: () => number) => {
      if (read !== undefined) this.#gauges.set(name, read);
      return meter;
    };
    const metrics = { counter: () => meter, meter: () => meter, gauge, histogram: () => meter };
    const emit = ([, partition, offset, , , value]: [string, number, number, number, null, string], id: unknown) => {
      this.emitted.push({ partition, offset, value, id });
    };
    this.source = new KafkaSource({
      plan: readSpoutOptions({ brokers: ["played:1"], topics: "t", group: "g", commitMs: 2, ...options }),
      context: stubContext(() => performance.now(), { metrics }),
      collector: { emit: emit as never, emitTo: (_stream, _values, id) => this.bad.push(id) },
      start: { position, doneAhead: [] },
      importLibrary: () => Promise.resolve(kafka.library),
    });
  }

  gauge(name: string): number {
    return this.#gauges.get(name)!();
  }

  /** Asks for messages until so many have been emitted altogether. */
  async emit(count: number): Promise<readonly Emitted[]> {
    while (this.emitted.length < count) await this.ask();
    return this.emitted;
  }

  /** Asks once, unless the last asking still waits; gives it a moment. */
  async ask(): Promise<void> {
    if (!this.#isAsked) {
      this.#isAsked = true;
      this.said = "waiting";
      void Promise.resolve(this.source.nextTuple()).then((said) => {
        this.said = said;
        this.#isAsked = false;
      });
    }
    await waitMs(1);
  }

  ack(...values: readonly string[]): void {
    for (const { value, id } of this.emitted) if (values.includes(value)) this.source.done(id);
  }
}

/** Waits until it holds; the test's deadline bounds it. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await waitMs(1);
}

/** One that is closed when the test has ended. */
export async function opened(t: TestContext, kafka: PlayedKafka, options: object = {}): Promise<PlayedSource> {
  const played = new PlayedSource(kafka, options);
  t.after(() => played.source.close());
  await played.source.open();
  return played;
}

export function valuesOf(played: PlayedSource): string[] {
  return played.emitted.map(({ value }) => value);
}
