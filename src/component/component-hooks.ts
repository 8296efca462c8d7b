/**
 * A component's instance as the engine sees it, whatever its form.
 *
 * Every hook that may emit gets the task's collector as its last argument. Classes that hold `this.collector` leave
 * it aside; functional forms have no other way. Which optional hooks exist is settled when `prepare` or `open` has
 * finished: functional forms with `create` make them there.
 */
export interface BoltInstance {
  prepare?(context: unknown): unknown;
  execute(tuple: unknown, collector: unknown): unknown;
  onTick?(collector: unknown): unknown;
  onFlush?(collector: unknown): unknown;
  onEnd?(collector: unknown): unknown;
  activate?(): unknown;
  deactivate?(): unknown;
  cleanup?(): unknown;
}

/** See BoltInstance. */
export interface SpoutInstance {
  open?(context: unknown, start: unknown): unknown;
  nextTuple(collector: unknown): unknown;
  onTick?(collector: unknown): unknown;
  ack?(id: unknown, info: unknown): unknown;
  fail?(id: unknown, info: unknown): unknown;
  settled?(id: unknown, info: unknown): unknown;
  activate?(): unknown;
  deactivate?(): unknown;
  close?(): unknown;
}

export const BOLT_HOOKS = [
  "prepare",
  "execute",
  "onTick",
  "onFlush",
  "onEnd",
  "activate",
  "deactivate",
  "cleanup",
] as const satisfies readonly (keyof BoltInstance)[];

export const SPOUT_HOOKS = [
  "open",
  "nextTuple",
  "onTick",
  "ack",
  "fail",
  "settled",
  "activate",
  "deactivate",
  "close",
] as const satisfies readonly (keyof SpoutInstance)[];
