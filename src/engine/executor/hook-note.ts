import { loadWord, storeWord } from "../../memory/control-words.ts";

/** Hooks by their number in a note; others are only known as such. */
const HOOKS = [
  "a hook",
  "execute",
  "nextTuple",
  "onTick",
  "onFlush",
  "onEnd",
  "ack",
  "fail",
  "open",
  "prepare",
  "activate",
  "deactivate",
  "close",
  "cleanup",
  "constructor",
] as const;
const HOOKS_MAX = 16;
const NUMBERS: ReadonlyMap<string, number> = new Map(HOOKS.map((hook, index) => [hook, index]));

/** The hook of a task that a thread was last seen in. */
export interface NotedHook {
  readonly taskId: number;
  readonly hook: string;
}

/**
 * One word in which a thread notes which hook of which task it is about to call: a thread that hangs can no longer
 * say so.
 *
 * Ownership:  only the thread itself calls `enter` and `leave`.
 * Visibility: one word, stored and loaded in one step; the reader sees a hook that was entered before it looked.
 */
export class HookNote {
  readonly #control: Int32Array;
  readonly #word: number;
  #isSet = false;

  constructor(control: Int32Array, word: number) {
    this.#control = control;
    this.#word = word;
  }

  enter(taskId: number, hook: string): void {
    this.#isSet = true;
    storeWord(this.#control, this.#word, taskId * HOOKS_MAX + (NUMBERS.get(hook) ?? 0));
  }

  /** The round is over: whatever does not come back from now on is no hook that the engine called. */
  leave(): void {
    if (!this.#isSet) return;
    this.#isSet = false;
    storeWord(this.#control, this.#word, 0);
  }

  /** From any thread: the hook that the thread is in, or null. */
  read(): NotedHook | null {
    const noted = loadWord(this.#control, this.#word);
    return noted === 0 ? null : { taskId: Math.floor(noted / HOOKS_MAX), hook: HOOKS[noted % HOOKS_MAX] ?? HOOKS[0] };
  }
}
