import { ViolationError, VirtualWait, WAIT_LIST_WORDS, WaitList } from "./virtual-waits.ts";

/**
 * Runs two threads so that exactly one of them moves at a time, and decides before every atomic step which one.
 *
 * Both threads are real workers that run the real code. The global `Atomics` functions are replaced by ones that
 * first ask `step()`: go on, let the other thread go first, or die here. Which it is comes from a schedule in shared
 * memory; where the schedule ends, the thread goes on, and the alternatives are written down for the explorer to try
 * later.
 *
 * Ownership:  every word of the shared state belongs to the thread whose turn it is, so all but TURN is accessed
 *             plainly.
 * Invariant:  the same schedule gives the same execution, step by step; a difference stops the exploration.
 * Visibility: the turn is handed over by one atomic store, behind everything that was done before.
 */

const real = { ...pickAtomics() };

function pickAtomics() {
  const { load, store, exchange, add, sub, or, and, xor, compareExchange, wait, notify, waitAsync } = Atomics;
  return { load, store, exchange, add, sub, or, and, xor, compareExchange, wait, notify, waitAsync };
}

const TURN = 0;
const SLEEPERS = 1;
const STEPS = 2;
const CHOICES_MADE = 3;
const SCHEDULE_LENGTH = 4;
const PREEMPTIONS_LEFT = 5;
const DEATHS_LEFT = 6;
const MORTALS = 7;
const IS_ABANDONED = 8;
const WAS_RESCUED = 9;
const STATUS = 12;
const BLOCKED_ON = 14;
const WAITERS = 16;
const SCHEDULE = WAITERS + WAIT_LIST_WORDS;
const CHOICES_MAX = 4096;
const ARITIES = SCHEDULE + CHOICES_MAX;
export const LOCKSTEP_WORDS = ARITIES + CHOICES_MAX;

const RUNNING = 0;
const FINISHED = 1;
const DEAD = 2;

const NOT_BLOCKED = -1;

/** More steps than any model needs: two threads that wait for each other by polling never end. */
const STEPS_MAX = 4000;
const SPINS_BEFORE_SLEEP = 2000;

/** Unwinds a thread that died, or one whose execution was given up because the other found a violation. */
class Unwind extends Error {}

export interface ScheduleLimits {
  readonly preemptionsMax: number;
  /** Bit t set: thread t may die, at any step. At most one of them does. */
  readonly mortalThreads: number;
}

export class Lockstep {
  readonly thread: number;
  readonly #shared: Int32Array;
  readonly #other: number;
  /** Control words of the model: the raw words, and what the code under test is given instead. */
  readonly #words: Int32Array;
  readonly guardedWords: Int32Array;
  readonly #rawOfStepped = new WeakMap<object, Int32Array>();
  readonly #waitList: WaitList;
  #pendingWaits: VirtualWait[] = [];
  #isStepping = false;
  /**
   * We were given the turn and did nothing with it yet: giving it back would repeat an execution that is tried
   * anyway.
   */
  #isTurnFresh = false;

  constructor(thread: number, shared: Int32Array, words: Int32Array) {
    this.thread = thread;
    this.#other = 1 - thread;
    this.#shared = shared;
    this.#words = words;
    this.#waitList = new WaitList(shared.subarray(WAITERS, WAITERS + WAIT_LIST_WORDS));
    this.guardedWords = guardAgainstPlainAccess(words);
    this.#patchAtomics();
  }

  // ---- The explorer's side
  // -------------------------------------------------------------------------------------------

  /** Thread 0, while thread 1 waits for its turn. */
  resetExecution(limits: ScheduleLimits): void {
    const shared = this.#shared;
    shared.fill(0, STEPS, SCHEDULE_LENGTH);
    shared.fill(0, IS_ABANDONED, WAITERS);
    shared[PREEMPTIONS_LEFT] = limits.preemptionsMax;
    shared[DEATHS_LEFT] = 1;
    shared[MORTALS] = limits.mortalThreads;
    this.#waitList.reset();
    shared[BLOCKED_ON] = shared[BLOCKED_ON + 1] = NOT_BLOCKED;
  }

  restart(): void {
    this.#shared[SCHEDULE_LENGTH] = 0;
  }

  /** Moves to the next schedule in depth-first order; false when all were run. */
  advanceSchedule(): boolean {
    const shared = this.#shared;
    for (let choice = shared[CHOICES_MADE]! - 1; choice >= 0; choice--) {
      if (shared[SCHEDULE + choice]! + 1 >= shared[ARITIES + choice]!) continue;
      shared[SCHEDULE + choice]! += 1;
      shared[SCHEDULE_LENGTH] = choice + 1;
      return true;
    }
    return false;
  }

  /** The choices of this execution, as text: where they are all 0 nobody was interrupted. */
  describeSchedule(): string {
    return this.#shared.subarray(SCHEDULE, SCHEDULE + this.#shared[CHOICES_MADE]!).join("");
  }

  get steps(): number {
    return this.#shared[STEPS]!;
  }

  awaitTurn(): void {
    const shared = this.#shared;
    for (let spin = 0; spin < SPINS_BEFORE_SLEEP; spin++) {
      if (real.load(shared, TURN) === this.thread) return;
    }
    real.add(shared, SLEEPERS, 1);
    while (real.load(shared, TURN) !== this.thread) real.wait(shared, TURN, this.#other);
    real.sub(shared, SLEEPERS, 1);
  }

  giveTurn(): void {
    real.store(this.#shared, TURN, this.#other);
    if (real.load(this.#shared, SLEEPERS) > 0) real.notify(this.#shared, TURN);
  }

  /**
   * Runs this thread's program of one execution. Entered with the turn, left with the turn given away or kept by
   * thread 0.
   */
  run(program: () => void): ViolationError | null {
    let violation: ViolationError | null = null;
    this.#pendingWaits = [];
    try {
      this.#isStepping = true;
      this.#isTurnFresh = true;
      if (this.thread === 0 && this.#choose(2) === 1) this.#switch();
      if (this.#shared[IS_ABANDONED]) throw new Unwind();
      program();
      this.#shared[STATUS + this.thread] = FINISHED;
    } catch (error) {
      if (!(error instanceof Unwind)) {
        violation = error instanceof ViolationError ? error : new ViolationError(String(error), { cause: error });
        this.#shared[IS_ABANDONED] = 1;
      }
      if (this.#shared[STATUS + this.thread] === RUNNING) this.#shared[STATUS + this.thread] = FINISHED;
    } finally {
      this.#isStepping = false;
    }
    if (this.thread === 1) this.giveTurn();
    else if (this.#shared[STATUS + 1] === RUNNING) this.#switch();
    return violation;
  }

  // ---- The models' side
  // ----------------------------------------------------------------------------------------------

  /** Whether the explorer itself ends the program with this error: models let it pass. */
  isUnwinding(error: unknown): boolean {
    return error instanceof Unwind;
  }

  get isOtherDead(): boolean {
    return this.#shared[STATUS + this.#other] === DEAD;
  }

  /** True once a sleeper was woken because its partner is dead, as the engine's supervisor does it. */
  get wasRescued(): boolean {
    return this.#shared[WAS_RESCUED] === 1;
  }

  /** A scheduling point. Every patched atomic operation begins with one; models add some amid their plain writes. */
  step(): void {
    if (!this.#isStepping) return;
    const shared = this.#shared;
    if (shared[IS_ABANDONED]) throw new Unwind();
    shared[STEPS]! += 1;
    if (shared[STEPS]! > STEPS_MAX) throw new ViolationError("no end in sight: the threads wait for each other");
    const canSwitch = !this.#isTurnFresh && shared[PREEMPTIONS_LEFT]! > 0 && this.#canOtherRun();
    this.#isTurnFresh = false;
    const canDie = shared[DEATHS_LEFT]! > 0 && (shared[MORTALS]! & (1 << this.thread)) !== 0;
    const choice = this.#choose(1 + Number(canSwitch) + Number(canDie));
    if (choice === 0) return;
    if (choice === 1 && canSwitch) {
      shared[PREEMPTIONS_LEFT]! -= 1;
      this.#switch();
      return;
    }
    shared[DEATHS_LEFT] = 0;
    shared[STATUS + this.thread] = DEAD;
    throw new Unwind();
  }

  /** The words, with plain accesses as scheduling points too: for code that uses both kinds on the same words. */
  steppedWords(words: Int32Array): Int32Array {
    const stepped = new Proxy(words, {
      get: (target, key) => {
        if (isIndex(key)) this.step();
        return Reflect.get(target, key, target) as unknown;
      },
      set: (target, key, value) => {
        if (isIndex(key)) this.step();
        return Reflect.set(target, key, value, target);
      },
    });
    this.#rawOfStepped.set(stepped, words);
    return stepped;
  }

  /** Repeats `attempt` until it succeeds, letting the other thread run in between. False when it never can. */
  until(attempt: () => boolean): boolean {
    for (;;) {
      if (attempt()) return true;
      if (!this.#canOtherRun()) return attempt();
      this.#switch();
      this.#isTurnFresh = true;
    }
  }

  /** Lets reactions of waits that were notified run, as a turn of the event loop does. */
  settleWaits(): void {
    const isWoken = (wait: VirtualWait) => this.#waitList.isWoken(wait.waiter);
    const woken = this.#pendingWaits.filter(isWoken);
    this.#pendingWaits = this.#pendingWaits.filter((wait) => !isWoken(wait));
    for (const wait of woken) {
      this.#waitList.remove(wait.waiter);
      wait.settle();
    }
  }

  /** What `await` is for a thread that goes back to its event loop. */
  awaitWait(wait: VirtualWait): void {
    this.settleWaits();
    while (!wait.isSettled) {
      this.#block(wait.waiter);
      this.settleWaits();
    }
  }

  // ---- Turns
  // ---------------------------------------------------------------------------------------------------------

  #canOtherRun(): boolean {
    const shared = this.#shared;
    if (shared[STATUS + this.#other] !== RUNNING) return false;
    const waiter = shared[BLOCKED_ON + this.#other]!;
    return waiter === NOT_BLOCKED || this.#waitList.isWoken(waiter);
  }

  #switch(): void {
    this.giveTurn();
    this.awaitTurn();
    if (this.#shared[IS_ABANDONED] && this.#isStepping) throw new Unwind();
  }

  #choose(arity: number): number {
    if (arity === 1) return 0;
    const shared = this.#shared;
    const position = shared[CHOICES_MADE]!;
    if (position >= CHOICES_MAX) throw new ViolationError("more choices than an execution may have");
    shared[CHOICES_MADE] = position + 1;
    if (position < shared[SCHEDULE_LENGTH]!) {
      if (shared[ARITIES + position] !== arity) throw new ViolationError("the same schedule went another way");
      return shared[SCHEDULE + position]!;
    }
    shared[SCHEDULE + position] = 0;
    shared[ARITIES + position] = arity;
    return 0;
  }

  // ---- Waits
  // ---------------------------------------------------------------------------------------------------------

  #block(waiter: number): void {
    const shared = this.#shared;
    // The other thread hands the turn back when it finishes or cannot go on, which need not mean that we were woken.
    shared[BLOCKED_ON + this.thread] = waiter;
    while (!this.#waitList.isWoken(waiter)) {
      if (this.#canOtherRun()) {
        this.#switch();
        this.#isTurnFresh = true;
        continue;
      }
      if (!this.isOtherDead) throw new ViolationError("asleep for ever: nobody is left to wake this thread");
      shared[WAS_RESCUED] = 1; // What ringAlways does on behalf of the supervisor.
      real.store(this.#words, this.#waitList.wordOf(waiter), 0);
      this.#waitList.wakeOne(waiter);
    }
    shared[BLOCKED_ON + this.thread] = NOT_BLOCKED;
  }

  // ---- Atomics
  // -------------------------------------------------------------------------------------------------------

  /** For the life of this worker. Outside of executions the functions do what they always did. */
  #patchAtomics(): void {
    const rawOf = (array: unknown): unknown =>
      array === this.guardedWords ? this.#words : (this.#rawOfStepped.get(array as object) ?? array);
    const patched = Atomics as unknown as { [name in keyof typeof real]: unknown };
    for (const name of ["load", "store", "exchange", "add", "sub", "or", "and", "xor", "compareExchange"] as const) {
      const operation = real[name] as (...args: unknown[]) => unknown;
      patched[name] = (array: unknown, a: unknown, b: unknown, c: unknown) => {
        this.step();
        return operation(rawOf(array), a, b, c);
      };
    }
    patched.wait = (array: unknown, word: number, value: number, timeoutMs: number) => {
      if (!this.#isStepping) return real.wait(rawOf(array) as Int32Array, word, value, timeoutMs);
      this.step();
      if (this.#words[word] !== value) return "not-equal";
      const waiter = this.#waitList.add(word);
      this.#block(waiter);
      this.#waitList.remove(waiter);
      return "ok";
    };
    patched.waitAsync = (array: unknown, word: number, value: number, timeoutMs: number) => {
      if (!this.#isStepping) return real.waitAsync(rawOf(array) as Int32Array, word, value, timeoutMs);
      this.step();
      if (this.#words[word] !== value) return { async: false, value: "not-equal" };
      // Exactly one outstanding wait per thread is part of the doorbell's promise.
      if (this.#pendingWaits.length > 0)
        throw new ViolationError("a second asynchronous wait while one is outstanding");
      const wait = new VirtualWait(this.#waitList.add(word));
      this.#pendingWaits.push(wait);
      return { async: true, value: wait };
    };
    patched.notify = (array: unknown, word: number, count = Number.POSITIVE_INFINITY) => {
      if (!this.#isStepping) return real.notify(rawOf(array) as Int32Array, word, count);
      this.step();
      return this.#waitList.wake(word, count);
    };
  }
}

/** Words that may only be touched through `Atomics`: reading or writing one plainly is a violation by itself. */
function guardAgainstPlainAccess(words: Int32Array): Int32Array {
  return new Proxy(words, {
    get(target, property) {
      if (property === "length") return target.length;
      throw new ViolationError(`control words were read plainly: ${String(property)}`);
    },
    set(_target, property) {
      throw new ViolationError(`a control word was written plainly: ${String(property)}`);
    },
  });
}

function isIndex(key: string | symbol): boolean {
  return typeof key === "string" && /^[0-9]/.test(key);
}
