import { EngineError } from "../../base/engine-error.ts";
import { fromWireError, type WireError } from "../../base/wire-error.ts";
import type { WorkerAnswers, WorkerQuestion } from "./worker-questions.ts";

interface Pending {
  readonly thread: number;
  readonly halts: boolean;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A worker that is in a long call of user code answers after it. */
const ANSWER_MS_MAX = 10_000;
/** Heap snapshots stand still for seconds per gigabyte. */
const HEAP_SNAPSHOT_MS_MAX = 120_000;

export interface WorkerInquiriesParts {
  readonly post: (thread: number, id: number, question: WorkerQuestion) => void;
  /** What it is asked halts the worker, which gives no sign of life meanwhile. */
  readonly halted: (thread: number) => void;
  readonly goesOn: (thread: number) => void;
}

/** Main's side of questions to workers: each is answered once, fails in time, or is given up with its worker. */
export class WorkerInquiries {
  readonly #parts: WorkerInquiriesParts;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;

  constructor(parts: WorkerInquiriesParts) {
    this.#parts = parts;
  }

  /** @throws EngineError (rejects) WORKER_SILENT, or what went wrong on the worker */
  ask<K extends WorkerQuestion["kind"]>(
    thread: number,
    question: Extract<WorkerQuestion, { kind: K }>,
  ): Promise<WorkerAnswers[K]> {
    const id = this.#nextId++;
    const halts = question.kind === "heapSnapshot";
    const waitMs = halts ? HEAP_SNAPSHOT_MS_MAX : ANSWER_MS_MAX;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(id);
        if (halts) this.#parts.goesOn(thread);
        reject(silent(thread, question.kind, `it did not answer within ${waitMs} ms`));
      }, waitMs).unref();
      this.#pending.set(id, { thread, halts, resolve: resolve as (answer: unknown) => void, reject, timer });
      if (halts) this.#parts.halted(thread);
      this.#parts.post(thread, id, question);
    });
  }

  settle(id: number, answer: { readonly value: unknown } | { readonly error: WireError }): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    clearTimeout(pending.timer);
    if (pending.halts) this.#parts.goesOn(pending.thread);
    if ("error" in answer) pending.reject(fromWireError(answer.error));
    else pending.resolve(answer.value);
  }

  /** The worker is gone, or the run: its questions will not be answered. */
  giveUp(thread: number | null): void {
    for (const [id, pending] of this.#pending) {
      if (thread !== null && pending.thread !== thread) continue;
      this.#pending.delete(id);
      clearTimeout(pending.timer);
      pending.reject(silent(pending.thread, "question", "its thread has ended"));
    }
  }
}

function silent(thread: number, what: string, why: string): EngineError {
  return new EngineError("WORKER_SILENT", {
    problem: `worker ${thread} was asked (${what}), and ${why}`,
    remedy: "ask again when it is there; a worker that never answers is inside of user code that does not return",
  });
}
