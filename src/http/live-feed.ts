import { invariant } from "../base/invariant.ts";
import { liveState } from "./live-state.ts";
import { graphOf } from "./read-routes.ts";
import { hasEnded, type UiTopology } from "./ui-source.ts";

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
  /** Hears why readers were let go: what they are told could not be computed. */
  readonly failed: (error: unknown) => void;
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
    const [graph, state] = [eventText("graph", graphOf(topology)), liveEvent(topology)];
    const reader: Reader = { topology, writer, behindSinceMs: null };
    this.#readers.add(reader);
    this.#stopTimer ??= this.#parts.every(LIVE_INTERVAL_MS, () => this.#tick());
    writer.write(graph);
    this.#send(reader, state);
    return () => this.#remove(reader);
  }

  close(): void {
    for (const reader of [...this.#readers]) {
      reader.writer.end();
      this.#remove(reader);
    }
  }

  #tick(): void {
    const events = new Map<UiTopology, string | null>();
    for (const reader of [...this.#readers]) {
      const { topology } = reader;
      if (!events.has(topology)) events.set(topology, this.#tryLiveEvent(topology));
      const event = events.get(topology) ?? null;
      if (event !== null) this.#send(reader, event);
      else {
        reader.writer.destroy();
        this.#remove(reader);
      }
    }
  }

  /** Null when it cannot be computed: in a timer, where an error would take the whole process down. */
  #tryLiveEvent(topology: UiTopology): string | null {
    try {
      return liveEvent(topology);
    } catch (error) {
      this.#parts.failed(error);
      return null;
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
