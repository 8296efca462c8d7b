import { invariant } from "../base/invariant.ts";

const AWAKE = 0;
const PARKED = 1;

/**
 * Parks one thread when it has no work, and wakes it.
 *
 * The owner: `prepareToPark()`, look once more at everything that could bring work, then `cancelPark()` if there was
 * any, else `parkAsync()` or `parkBlocking()`; `cancelPark()` again when something else than the bell ended the wait.
 * Everyone else: make the work visible (store TAIL, mark, store HEAD), then `ring()`.
 *
 * Ownership:  the owner stores PARKED; the owner or any ringer puts it back to AWAKE.
 * Invariant:  whoever changes PARKED to AWAKE from outside notifies, so an owner asleep on AWAKE is about to be
 *             woken.
 * Visibility: no wake-up is lost. The ringer stores its work, then loads the bell; the owner stores PARKED, then
 *             loads the work. Atomics are sequentially consistent, so at least one of the two sees the other. A bell
 *             rung before the owner sleeps is seen by the wait itself, which compares the word before it sleeps.
 *
 * A ringer that is terminated between its exchange and its notify leaves the owner asleep on AWAKE: whoever handles a
 * thread's death calls `ringAlways()` on every doorbell of the run.
 */
export class Doorbell {
  readonly #control: Int32Array;
  readonly #word: number;
  #pendingWait: Promise<void> | null = null;

  constructor(control: Int32Array, word: number) {
    invariant(word >= 0 && word < control.length, "a doorbell's word lies inside the control array");
    this.#control = control;
    this.#word = word;
  }

  /** Wakes the owner if it is parked. Costs one load if it is not. Call it after the work was made visible. */
  ring(): void {
    if (Atomics.load(this.#control, this.#word) === AWAKE) return;
    // Of several ringers one changes the word, and only that one makes the system call.
    if (Atomics.exchange(this.#control, this.#word, AWAKE) === AWAKE) return;
    // All waiters: the owner may have an older asynchronous wait on this word besides the one it sleeps in now.
    Atomics.notify(this.#control, this.#word);
  }

  /** Wakes the owner whatever the word says: after the death of a thread that may have been inside `ring()`. */
  ringAlways(): void {
    Atomics.store(this.#control, this.#word, AWAKE);
    Atomics.notify(this.#control, this.#word);
  }

  /** Owner: announces that it is about to sleep. All sources of work must be looked at once more after this call. */
  prepareToPark(): void {
    Atomics.store(this.#control, this.#word, PARKED); // Must precede the last look at the sources: see Visibility.
  }

  /** Owner: takes the announcement back. A ring that came first loses nothing: the owner is awake and will look. */
  cancelPark(): void {
    Atomics.store(this.#control, this.#word, AWAKE);
  }

  /**
   * Owner: null when the bell was rung since `prepareToPark()`, else a promise that resolves when it is. It may
   * resolve early, for a ring of an earlier cycle: look at the sources and park again.
   *
   * At most one wait is ever outstanding. A cancelled park leaves its wait in place and the next park uses it again:
   * it sleeps on the same word, where every ring notifies it. Starting a new one each time would pile them up until
   * the next ring (83 MB for 200,000). A pending wait does not keep the thread alive; a ref'd port has to.
   */
  parkAsync(): Promise<void> | null {
    if (this.#pendingWait !== null) {
      return Atomics.load(this.#control, this.#word) === PARKED ? this.#pendingWait : null;
    }
    const wait = Atomics.waitAsync(this.#control, this.#word, PARKED);
    if (!wait.async) return null;
    this.#pendingWait = wait.value.then(() => {
      this.#pendingWait = null;
    });
    return this.#pendingWait;
  }

  /** Owner: sleeps until the bell rings or the time is over, and is awake again. False when the time was over. */
  parkBlocking(timeoutMs: number): boolean {
    const outcome = Atomics.wait(this.#control, this.#word, PARKED, timeoutMs);
    Atomics.store(this.#control, this.#word, AWAKE);
    return outcome !== "timed-out";
  }
}
