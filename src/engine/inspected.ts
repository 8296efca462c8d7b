/** One tuple that the inspector saw: executed by a bolt, or sent by a spout or feeder. Data that can be cloned. */
export interface InspectedEvent {
  readonly taskId: number;
  /** The stream that it belongs to, by its index in the plan. */
  readonly streamIndex: number;
  /** In a form that JSON has, and cut short where it is long. */
  readonly values: readonly unknown[];
  /** When it was executed, or sent, on the clock that all threads share: ms with a fraction. */
  readonly atMs: number;
  /** How long its execution took; null where it was sent. */
  readonly tookMs: number | null;
  /** The first of the trees that it belongs to; null where it belongs to none. */
  readonly tree: InspectedTree | null;
}

export interface InspectedTree {
  readonly slot: number;
  readonly generation: number;
  /** When its spout has emitted it, in whole ms of the clock of trees. */
  readonly emittedMs: number;
}

/** What is inspected of a component: null is nothing. */
export interface Inspection {
  /** Share of its tuples, above 0 and up to 1. Of a tree that is chosen, all tuples are. */
  readonly share: number;
}
