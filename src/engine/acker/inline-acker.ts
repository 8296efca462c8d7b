import { Acker, type AckerParts } from "./acker.ts";
import type { ToAcker } from "./acker-protocol.ts";

/** The acker as an agent of the inline runtime: messages wait for its turn, deadlines are on the virtual clock. */
export class InlineAcker {
  readonly #acker: Acker;
  readonly #nowMs: () => number;
  #inbox: { readonly thread: number; readonly message: ToAcker }[] = [];
  #isStarted = false;
  #nextDeadlineMs = Number.POSITIVE_INFINITY;

  constructor(parts: AckerParts) {
    this.#acker = new Acker(parts);
    this.#nowMs = parts.treeNowMs;
  }

  start(): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#nextDeadlineMs = this.#nowMs();
  }

  receive(thread: number, message: ToAcker): void {
    this.#inbox.push({ thread, message });
  }

  /** When it wants a turn although nobody spoke to it; infinity before anything is tracked. */
  nextDeadlineMs(): number {
    return this.#nextDeadlineMs;
  }

  doWork(): number {
    const inbox = this.#inbox;
    let work = inbox.length;
    if (work > 0) {
      this.#inbox = [];
      for (const { thread, message } of inbox) this.#acker.receive(thread, message);
      this.#acker.flush();
    }
    const nowMs = this.#nowMs();
    if (nowMs >= this.#nextDeadlineMs) {
      this.#nextDeadlineMs = nowMs + this.#acker.check();
      work++;
    }
    return work;
  }
}
