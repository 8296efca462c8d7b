import { msBetween } from "../../memory/control-words.ts";
import { TREE_FREE, TREE_LIVE, TREE_OVERDUE, type TreeSlots } from "../../memory/tree-slots.ts";
import type {
  AckerSettings,
  FailedTree,
  FromAcker,
  HeldTuples,
  ToAcker,
  TreeFailure,
  TreeId,
} from "./acker-protocol.ts";
import { StallJudge } from "./stall-judge.ts";

export interface AckerParts extends AckerSettings {
  readonly slots: TreeSlots;
  readonly threadCount: number;
  /** Whole ms of the clock that all threads of the run share. */
  readonly treeNowMs: () => number;
  readonly post: (thread: number, message: FromAcker) => void;
}

/** Trees whose time is up, and what the threads said of them so far. */
interface Inquiry {
  readonly round: number;
  readonly trees: readonly TreeId[];
  readonly sinceMs: number;
  readonly unanswered: Set<number>;
  /** By position in `trees`. */
  readonly held: HeldTuples[];
}

const UNKNOWN_HOLDER: TreeFailure = { reason: "timeout", component: null, taskId: null, error: null };
/** Two looks at all slots are at least this far apart, whatever the timeout. */
const CHECK_MS_MIN = 5;
/** With `timeoutFrom: "emit"` a thread that does not answer holds nothing up for longer. */
const ANSWER_MS_MAX = 20;

/**
 * Keeps the time of all pending trees, and spreads the word of those that failed. It is not on the way of a tree that
 * is acked: those go from the thread that finds the count at zero straight to the spout's.
 *
 * An agent without a thread or clock of its own: whoever hosts it passes on messages, and calls `check` when the time
 * has come that the last call named.
 */
export class Acker {
  readonly #parts: AckerParts;
  #failed: FailedTree[] = [];
  #newlyOverdue: FailedTree[] = [];
  /** Trees whose time was up and that go on: by slot, how they would fail, and since when. */
  readonly #overdue = new Map<number, FailedTree & { readonly sinceMs: number }>();
  #inquiry: Inquiry | null = null;
  #round = 0;
  /** Trees that had a tuple in a queue when they were last asked after: slot to generation. */
  readonly #queued = new Map<number, number>();
  /** Trees that looked older than they may become: slot to generation. */
  readonly #old = new Map<number, number>();

  readonly #stalls: StallJudge;

  constructor(parts: AckerParts) {
    this.#parts = parts;
    this.#stalls = new StallJudge(parts);
  }

  receive(thread: number, message: ToAcker): void {
    if (message.type === "failed") this.#failed.push(message.tree);
    else if (message.type === "quiet") this.#stalls.quiet();
    else if (message.type === "moved") this.#stalls.take(thread, message.round, message.movement);
    else this.#takeAnswer(thread, message.round, message.trees);
  }

  /** Tells all threads which trees have failed since the last call. */
  flush(): void {
    // In this order: a tree is overdue before it fails.
    if (this.#newlyOverdue.length > 0) {
      this.#postAll({ type: "treesOverdue", trees: this.#newlyOverdue });
      this.#newlyOverdue = [];
    }
    if (this.#failed.length === 0) return;
    this.#postAll({ type: "treesFailed", trees: this.#failed });
    this.#failed = [];
  }

  #postAll(message: FromAcker): void {
    for (let thread = 0; thread < this.#parts.threadCount; thread++) this.#parts.post(thread, message);
  }

  /** Looks after trees whose time is up. Returns after how many ms to look again, at the latest. */
  check(): number {
    const nowMs = this.#parts.treeNowMs();
    this.#closeLateInquiry(nowMs);
    const suspects: TreeId[] = [];
    let nextMs = this.#parts.messageTimeoutMs;
    const { slots, messageTimeoutMs, messageLifetimeMs } = this.#parts;
    for (let slot = 0; slot < slots.slotCount; slot++) {
      const state = slots.stateOf(slot);
      // A tree that is done waits for its spout, which may be busy: that is no reason to fail it.
      if (state === TREE_FREE || slots.liveCountOf(slot) === 0) continue;
      if (state === TREE_OVERDUE) nextMs = Math.min(nextMs, this.#checkOverdue(slot, nowMs));
      if (state !== TREE_LIVE) continue;
      const generation = slots.generationOf(slot);
      const lifeLeftMs = messageLifetimeMs - msBetween(slots.emittedOf(slot), nowMs);
      const leftMs = messageTimeoutMs - msBetween(slots.progressOf(slot), nowMs);
      if (lifeLeftMs <= 0) nextMs = Math.min(nextMs, this.#endLife({ slot, generation }));
      else if (leftMs > 0) nextMs = Math.min(nextMs, leftMs, lifeLeftMs);
      else suspects.push({ slot, generation });
    }
    if (suspects.length > 0) {
      if (this.#inquiry === null) this.#ask(suspects, nowMs);
      nextMs = CHECK_MS_MIN;
    }
    this.flush();
    return Math.max(CHECK_MS_MIN, nextMs);
  }

  /**
   * A tree is older than it may become, whoever has it: nobody is asked, as who does not answer may be the reason.
   * But only at the second look: in the first one its time may have been that of the slot's tenant before it.
   */
  #endLife(tree: TreeId): number {
    if (this.#old.get(tree.slot) !== tree.generation) {
      this.#old.set(tree.slot, tree.generation);
      return CHECK_MS_MIN;
    }
    this.#old.delete(tree.slot);
    this.#expire(tree, null);
    return this.#parts.messageTimeoutMs;
  }

  #ask(trees: readonly TreeId[], nowMs: number): void {
    this.#round++;
    const unanswered = new Set<number>();
    const held = trees.map((tree) => ({ ...tree, count: 0, component: null, taskId: null }));
    this.#inquiry = { round: this.#round, trees, sinceMs: nowMs, unanswered, held };
    for (let thread = 0; thread < this.#parts.threadCount; thread++) unanswered.add(thread);
    this.#postAll({ type: "whoHolds", round: this.#round, trees });
  }

  #takeAnswer(thread: number, round: number, answers: readonly HeldTuples[]): void {
    const inquiry = this.#inquiry;
    if (inquiry === null || inquiry.round !== round || !inquiry.unanswered.delete(thread)) return;
    for (const [index, answer] of answers.entries()) {
      const known = inquiry.held[index]!;
      const isFirst = known.component === null;
      inquiry.held[index] = {
        ...known,
        count: known.count + answer.count,
        component: isFirst ? answer.component : known.component,
        taskId: isFirst ? answer.taskId : known.taskId,
      };
    }
    if (inquiry.unanswered.size === 0) this.#judge(inquiry);
  }

  /** Storm's rule does not care where a tuple is: it only wants a name, if there is one to be had soon. */
  #closeLateInquiry(nowMs: number): void {
    const inquiry = this.#inquiry;
    if (inquiry === null || this.#parts.timeoutFrom !== "emit") return;
    if (msBetween(inquiry.sinceMs, nowMs) >= ANSWER_MS_MAX) this.#judge(inquiry);
  }

  #judge(inquiry: Inquiry): void {
    this.#inquiry = null;
    const nowMs = this.#parts.treeNowMs();
    for (const held of inquiry.held) this.#judgeTree(held, inquiry.sinceMs, nowMs);
    this.flush();
  }

  #judgeTree(held: HeldTuples, sinceMs: number, nowMs: number): void {
    const { slots, timeoutFrom, messageTimeoutMs } = this.#parts;
    const { slot, generation } = held;
    // The count before the progress: who changes both notes the progress first.
    const live = slots.liveCountOf(slot);
    const progressMs = slots.progressOf(slot);
    if (slots.stateOf(slot) !== TREE_LIVE || slots.generationOf(slot) !== generation || live === 0) {
      this.#queued.delete(slot);
      return;
    }
    // Something moved while we asked: even if it is late again by now, answers from before do not count.
    if (msBetween(sinceMs, progressMs) >= 0) return;
    // Its time may have been that of the slot's tenant before it.
    if (msBetween(progressMs, nowMs) < messageTimeoutMs) return;
    if (timeoutFrom === "emit") {
      this.#expire(held, held);
      return;
    }
    const wasQueued = this.#queued.get(slot) === generation;
    if (held.count < live) {
      // Some of it is still in a queue of ours: it is not late. Look again soon, to know when that ends.
      this.#queued.set(slot, generation);
      const againMs = Math.min(250, Math.max(10, messageTimeoutMs / 100));
      slots.tryTouch(slot, progressMs, nowMs - messageTimeoutMs + againMs);
    } else if (wasQueued) {
      // The task has it now, and from now on its time counts.
      this.#queued.delete(slot);
      slots.tryTouch(slot, progressMs, nowMs);
    } else {
      this.#expire(held, held);
    }
  }

  #expire({ slot, generation }: TreeId, holder: HeldTuples | null): void {
    this.#queued.delete(slot);
    const { slots, treeNowMs } = this.#parts;
    const goesOn = slots.waitsForEnd(slot) && slots.markOverdue(slot, generation);
    if (!goesOn && !slots.fail(slot, generation)) return;
    const failure = {
      reason: "timeout",
      component: holder?.component ?? null,
      taskId: holder?.taskId ?? null,
      error: null,
    } as const;
    if (!goesOn) {
      this.#failed.push({ slot, generation, failure });
      return;
    }
    this.#newlyOverdue.push({ slot, generation, failure });
    this.#overdue.set(slot, { slot, generation, failure, sinceMs: treeNowMs() });
  }

  /** Fails an overdue tree that has had its time to settle. Returns how long it still has. */
  #checkOverdue(slot: number, nowMs: number): number {
    const { slots, settleTimeoutMs } = this.#parts;
    const generation = slots.generationOf(slot);
    let tree = this.#overdue.get(slot);
    if (tree?.generation !== generation) {
      // Noted by an acker before this one.
      tree = { slot, generation, failure: UNKNOWN_HOLDER, sinceMs: nowMs };
      this.#overdue.set(slot, tree);
    }
    const leftMs = settleTimeoutMs - msBetween(tree.sinceMs, nowMs);
    if (leftMs > 0) return leftMs;
    this.#overdue.delete(slot);
    if (slots.fail(slot, generation)) this.#failed.push({ slot, generation, failure: tree.failure });
    return settleTimeoutMs;
  }
}
