import { invariant } from "../base/invariant.ts";
import type { MetricsSnapshot } from "../metrics/metrics-snapshot.ts";
import { graphOf, hasEnded } from "./read-routes.ts";
import { componentWindow, decimalText } from "./storm-text.ts";
import type { UiTopology } from "./ui-source.ts";

/** Where events are written: the part of an answer of Node that is needed, so that tests can play a slow reader. */
export interface EventWriter {
  write(text: string): boolean;
  end(): void;
  destroy(): void;
  /** Bytes that wait to be sent. */
  readonly writableLength: number;
}

export interface LiveFeedParts {
  /** Calls `action` every `intervalMs` until the returned function is called. */
  readonly every: (intervalMs: number, action: () => void) => () => void;
  readonly nowMs: () => number;
}

export const LIVE_INTERVAL_MS = 1_000;
export const READERS_MAX = 16;
export const BACKLOG_BYTES_MAX = 256 * 1024;
/** How long a reader may stay behind before its connection is closed. */
export const BEHIND_MS_MAX = 30_000;

interface Reader {
  readonly topology: UiTopology;
  readonly writer: EventWriter;
  /** Since when it has not taken what it was sent; null while it does. */
  behindSinceMs: number | null;
}

/**
 * Sends what a topology does to everyone who looks on, once a second. Each event is the whole state: so a reader that
 * is slow is sent fewer of them, and nothing ever piles up for it. Without readers nothing is computed.
 */
export class LiveFeed {
  readonly #parts: LiveFeedParts;
  readonly #readers = new Set<Reader>();
  #stopTimer: (() => void) | null = null;

  constructor(parts: LiveFeedParts) {
    this.#parts = parts;
  }

  get readerCount(): number {
    return this.#readers.size;
  }

  get isFull(): boolean {
    return this.#readers.size >= READERS_MAX;
  }

  /** Begins to send; the returned function takes the reader off again. */
  add(topology: UiTopology, writer: EventWriter): () => void {
    invariant(!this.isFull, "a reader is added to a live feed that is full");
    const reader: Reader = { topology, writer, behindSinceMs: null };
    this.#readers.add(reader);
    writer.write(eventText("graph", graphOf(topology)));
    this.#stopTimer ??= this.#parts.every(LIVE_INTERVAL_MS, () => this.#tick());
    this.#send(reader, liveEvent(topology));
    return () => this.#remove(reader);
  }

  close(): void {
    for (const reader of [...this.#readers]) {
      reader.writer.end();
      this.#remove(reader);
    }
  }

  #tick(): void {
    const events = new Map<UiTopology, string>();
    for (const reader of [...this.#readers]) {
      const { topology } = reader;
      const event = events.get(topology) ?? liveEvent(topology);
      events.set(topology, event);
      this.#send(reader, event);
    }
  }

  #send(reader: Reader, event: string): void {
    const { topology, writer } = reader;
    if (writer.writableLength > BACKLOG_BYTES_MAX) {
      const nowMs = this.#parts.nowMs();
      reader.behindSinceMs ??= nowMs;
      if (nowMs - reader.behindSinceMs < BEHIND_MS_MAX) return;
      writer.destroy();
      this.#remove(reader);
      return;
    }
    reader.behindSinceMs = null;
    writer.write(event);
    if (!hasEnded(topology)) return;
    writer.write(eventText("ended", { state: topology.state }));
    writer.end();
    this.#remove(reader);
  }

  #remove(reader: Reader): void {
    this.#readers.delete(reader);
    if (this.#readers.size > 0) return;
    this.#stopTimer?.();
    this.#stopTimer = null;
  }
}

/** JSON never holds a line break: one line of data is one event. */
function eventText(event: string, data: unknown): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

function liveEvent(topology: UiTopology): string {
  return eventText("live", liveState(topology));
}

/** What the pages show of a topology at this moment: rates are per second, of the window of 10 s. */
export function liveState(topology: UiTopology): object {
  const snapshot = topology.metrics({ windows: ["10s", "all"], tasks: false });
  const fills = topology.queueFills();
  const components = topology.graph.components.map(({ id }) => [
    id,
    { ...componentState(snapshot, id), fill: fills?.[id] ?? null },
  ]);
  return {
    timeMs: snapshot?.timeMs ?? null,
    uptimeMs: snapshot?.uptimeMs ?? 0,
    epoch: snapshot?.epoch ?? 1,
    state: topology.state,
    totals: snapshot?.windows.all?.counts ?? null,
    complete: snapshot?.windows["10s"]?.complete ?? null,
    components: Object.fromEntries(components),
    edges: edgeRates(topology, snapshot),
    workers: topology.workers(),
    errorCount: topology.errors()[0]?.number ?? 0,
  };
}

function componentState(snapshot: MetricsSnapshot | null, id: string): object {
  const window = componentWindow(snapshot, id, "10s");
  const all = componentWindow(snapshot, id, "all");
  const perSecond = (count: number | undefined) => rate(count ?? 0, window?.spanMs ?? 0);
  const { busy = 0, blocked = 0, waiting = 0, idle = 0 } = window?.shares ?? {};
  const { waitingRows = 0, backlogRows = 0, pendingTrees = 0 } = snapshot?.components[id]?.levels ?? {};
  const latency = window?.complete ?? window?.execute ?? null;
  return {
    emitted: perSecond(window?.counts.emitted),
    executed: perSecond(window?.counts.executed),
    acked: perSecond(window?.counts.acked),
    failed: perSecond(window?.counts.failed),
    busy,
    blocked,
    waiting,
    idle,
    capacity: Number(decimalText(window?.capacity)),
    executeMs: window?.executeMs ?? null,
    p50: latency?.p50 ?? null,
    p99: latency?.p99 ?? null,
    queued: waitingRows + backlogRows,
    pendingTrees,
    emittedTotal: all?.counts.emitted ?? 0,
    executedTotal: all?.counts.executed ?? 0,
    failedTotal: all?.counts.failed ?? 0,
    errors: (all?.counts.errors ?? 0) + (all?.counts.restarts ?? 0),
  };
}

/** Tuples per second over each edge, as its consumer executes them. */
function edgeRates({ graph }: UiTopology, snapshot: MetricsSnapshot | null): number[] {
  return graph.edges.map(({ from, stream, to, input }) => {
    const window = componentWindow(snapshot, to, "10s");
    const found = window?.inputs.find(
      (candidate) => candidate.component === from && candidate.stream === stream && candidate.input === input,
    );
    return rate(found?.executed ?? 0, window?.spanMs ?? 0);
  });
}

function rate(count: number, spanMs: number): number {
  return spanMs <= 0 ? 0 : Math.round((count * 10_000) / spanMs) / 10;
}
