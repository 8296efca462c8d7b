import type { Outlet } from "./outlet.ts";
import type { TreeOutcome } from "./pending-trees.ts";
import type { PositionMark } from "./position-marks.ts";
import type { StreamRoute } from "./stream-route.ts";

/** In the place of TrackedEmits where tracking is off: every id is acked in the next turn, as Storm does. */
export class UntrackedEmits {
  readonly waiting = 0;
  readonly isFull = false;
  readonly uncountedMarks = 0;
  waitsForEnd = false;
  #ended: TreeOutcome[] = [];
  #head = 0;

  get pending(): number {
    return this.#ended.length - this.#head;
  }

  get hasOutcome(): boolean {
    return this.pending > 0;
  }

  /** Acks are outcomes like others here. */
  get hasOther(): boolean {
    return this.hasOutcome;
  }

  tellAcked(): number {
    return 0;
  }

  takeOutcome(): TreeOutcome | null {
    if (this.#head < this.#ended.length) return this.#ended[this.#head++]!;
    if (this.#head > 0) this.#ended = [];
    this.#head = 0;
    return null;
  }

  /** See TrackedEmits. */
  emit(
    route: StreamRoute,
    values: readonly unknown[],
    id: unknown,
    mark: PositionMark | null,
    target: number | null,
    attempt: number,
    isReplay: boolean,
  ): readonly Outlet[] {
    const targets = route.chooseTargets(values, target);
    for (const outlet of targets) outlet.appendChecked(values);
    if (isReplay) route.countReplay();
    route.count(targets.length);
    this.#ended.push({ id, stage: "ended", mark, latencyMs: 0, attempt, stream: route.index, failure: null });
    return targets;
  }

  beginCalls(): void {}

  sendWaiting(): number {
    return 0;
  }

  disown(): void {
    this.#ended = [];
    this.#head = 0;
  }
}
