import type { TaskContext } from "../../component/task-context.ts";

/** What a gate asks of its store, for one id and one attempt. */
export interface OnceOperation {
  /**
   * `reserve`: may this attempt go on? `confirm`: it is done, for good, if its message has the reservation: one that
   * was let go by without doing anything has none. `release`: it failed; gives the reservation up, if it is this very
   * attempt's.
   */
  readonly kind: "reserve" | "confirm" | "release";
  readonly id: string;
  /** Of one message of one instance of a spout: no other message ever has the same. */
  readonly message: string;
  /** Which attempt of that message, from 1. One begins only when the one before it has ended. */
  readonly attempt: number;
}

/** What became of an operation. */
export interface OnceAnswer {
  /**
   * Of a reservation: `taken` (by this attempt, now or before, or from an earlier one of its message), `done`
   * (somebody has confirmed the id), `busy` (another message has it). Of anything else: `noted`.
   */
  readonly state: "taken" | "done" | "busy" | "noted";
  /** How long the lease still lasts by which the id is busy; 0 otherwise. */
  readonly leftMs: number;
}

/** How long a store keeps what it is told. */
export interface OnceTimes {
  /** From a reservation until anybody may take it over, unless it is confirmed or released before. */
  readonly leaseMs: number;
  /** From a confirmation until it may be forgotten. */
  readonly rememberMs: number;
}

/** A store as one task of a gate has it open. */
export interface OnceSession {
  /** True when `apply` returns promises: operations are then gathered, and sent together. */
  readonly isRemote: boolean;
  /**
   * Carries out the operations one after the other, each of them atomically, and answers in their order. When it
   * throws or rejects, any of them may have been carried out: all can be asked again. It is not called again before
   * it has answered.
   */
  apply(operations: readonly OnceOperation[]): readonly OnceAnswer[] | Promise<readonly OnceAnswer[]>;
  close?(): void | Promise<void>;
}

/** Keeps which ids are reserved and confirmed. A description, which each task of a gate opens. */
export interface OnceStore {
  open(context: TaskContext, times: OnceTimes): OnceSession | Promise<OnceSession>;
}
