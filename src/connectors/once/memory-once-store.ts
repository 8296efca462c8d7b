import { OptionReader } from "../shared/option-reader.ts";
import type { OnceAnswer, OnceOperation, OnceSession, OnceStore, OnceTimes } from "./once-store.ts";

/** Options of `memoryOnceStore`. */
export interface MemoryOnceOptions {
  /** Confirmations that a task keeps at most; the oldest are forgotten first. Default: 1,000,000. */
  readonly idsMax?: number;
}

interface Reservation {
  readonly message: string;
  readonly attempt: number;
  readonly untilMs: number;
}

/** What one task remembers; outlives its instance, but not its thread. */
interface Memory {
  readonly reserved: Map<string, Reservation>;
  /** Until when, by id: the oldest first, since all are remembered for the same time. */
  readonly confirmed: Map<string, number>;
}

const TAKEN: OnceAnswer = { state: "taken", leftMs: 0 };
const DONE: OnceAnswer = { state: "done", leftMs: 0 };
const NOTED: OnceAnswer = { state: "noted", leftMs: 0 };

/**
 * A store in the memory of each gate's task, gone with its thread. Tasks do not share it: with more than one, all
 * tuples of an id must come to the same one, as by `fieldsGrouping(..., ["onceId"])`.
 *
 * @throws EngineError CONNECTOR_BAD_OPTION
 */
export function memoryOnceStore(options: MemoryOnceOptions = {}): OnceStore {
  const read = new OptionReader("memoryOnceStore", options, ["idsMax"]);
  const idsMax = read.whole("idsMax", { min: 1, byDefault: 1_000_000 });
  return {
    open: (context, times) => {
      const name = `stormcell.once:${context.topology}/${context.component}/${context.taskIndex}`;
      const memory = context.shared<Memory>(name, () => ({ reserved: new Map(), confirmed: new Map() }));
      return new MemorySession(memory, times, idsMax, () => context.nowMs());
    },
  };
}

/** See memoryOnceStore. */
class MemorySession implements OnceSession {
  readonly isRemote = false;
  readonly #memory: Memory;
  readonly #times: OnceTimes;
  readonly #idsMax: number;
  readonly #nowMs: () => number;

  constructor(memory: Memory, times: OnceTimes, idsMax: number, nowMs: () => number) {
    this.#memory = memory;
    this.#times = times;
    this.#idsMax = idsMax;
    this.#nowMs = nowMs;
  }

  apply(operations: readonly OnceOperation[]): OnceAnswer[] {
    const nowMs = this.#nowMs();
    this.#forget(nowMs);
    return operations.map((operation) => {
      if (operation.kind === "reserve") return this.#reserve(operation, nowMs);
      if (operation.kind === "confirm") this.#confirm(operation, nowMs);
      else this.#release(operation);
      return NOTED;
    });
  }

  #reserve({ id, message, attempt }: OnceOperation, nowMs: number): OnceAnswer {
    const { reserved, confirmed } = this.#memory;
    if (confirmed.has(id)) return DONE;
    const held = reserved.get(id);
    const isOwn = held?.message === message && held.attempt <= attempt;
    if (held !== undefined && !isOwn && held.untilMs > nowMs) {
      return { state: "busy", leftMs: held.untilMs - nowMs };
    }
    // To the end, so that the leases which run out first stand first.
    reserved.delete(id);
    reserved.set(id, { message, attempt, untilMs: nowMs + this.#times.leaseMs });
    return TAKEN;
  }

  #confirm({ id, message }: OnceOperation, nowMs: number): void {
    const { reserved, confirmed } = this.#memory;
    if (reserved.get(id)?.message !== message) return;
    reserved.delete(id);
    confirmed.set(id, nowMs + this.#times.rememberMs);
  }

  #release({ id, message, attempt }: OnceOperation): void {
    const { reserved } = this.#memory;
    const held = reserved.get(id);
    if (held?.message === message && held.attempt === attempt) reserved.delete(id);
  }

  /** Both maps are in the order in which their entries end: as many looks as there is to forget, and two. */
  #forget(nowMs: number): void {
    const { reserved, confirmed } = this.#memory;
    for (const [id, untilMs] of confirmed) {
      if (untilMs > nowMs && confirmed.size <= this.#idsMax) break;
      confirmed.delete(id);
    }
    for (const [id, { untilMs }] of reserved) {
      if (untilMs > nowMs) break;
      reserved.delete(id);
    }
  }
}
