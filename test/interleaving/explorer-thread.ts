import { parentPort, workerData } from "node:worker_threads";
import { LOCKSTEP_WORDS, Lockstep, type ScheduleLimits } from "./lockstep.ts";
import { type Model, STAGE_LOG_WORDS, type Stage, SUBJECT_FILES, type Subjects } from "./model.ts";
import { models } from "./models.ts";
import { ViolationError } from "./virtual-waits.ts";

/**
 * One of the two threads of an explorer. Thread 0 goes through the schedules; thread 1 follows: for each execution it
 * gets the turn once to open its ends, and then whenever the schedule says so.
 */
export interface ExplorerMemory {
  /** LOCKSTEP_WORDS words, then one that says that an exploration is over. */
  readonly shared: Int32Array;
  readonly control: Int32Array;
  readonly rings: readonly SharedArrayBuffer[];
  readonly log: Int32Array;
  /** The violation that thread 1 found, as text behind its length. */
  readonly note: Uint8Array;
}

export interface ExplorationOrder {
  readonly modelName: string;
  readonly subjectsUrl: string;
  readonly limits: ScheduleLimits;
  readonly schedulesMax: number;
}

export interface Exploration {
  readonly schedules: number;
  readonly steps: number;
  /** False when `schedulesMax` came first. */
  readonly isComplete: boolean;
  readonly violation: { readonly claim: string; readonly schedule: string } | null;
}

const { thread, memory } = workerData as { thread: number; memory: ExplorerMemory };
const lockstep = new Lockstep(thread, memory.shared, memory.control);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

parentPort!.on("message", async (order: ExplorationOrder) => {
  const model = models[order.modelName]!;
  const subjects = await loadSubjects(order.subjectsUrl);
  const { rings, log } = memory;
  const stage: Stage = { lockstep, subjects, control: lockstep.guardedWords, rings, log };
  parentPort!.postMessage(thread === 0 ? explore(model, stage, order) : follow(model, stage));
});

async function loadSubjects(subjectsUrl: string): Promise<Subjects> {
  const modules = await Promise.all(SUBJECT_FILES.map((file) => import(`${subjectsUrl}/${file}.js`)));
  return Object.assign({}, ...modules) as Subjects;
}

function explore(model: Model, stage: Stage, order: ExplorationOrder): Exploration {
  let schedules = 0;
  let steps = 0;
  let claim: string | null = null;
  let hasMore = true;
  lockstep.restart();
  while (hasMore && claim === null && schedules < order.schedulesMax) {
    claim = execute(model, stage, order.limits);
    schedules++;
    steps += lockstep.steps;
    if (claim === null) hasMore = lockstep.advanceSchedule();
  }
  const violation = claim === null ? null : { claim, schedule: lockstep.describeSchedule() };
  memory.shared[LOCKSTEP_WORDS] = 1;
  lockstep.giveTurn();
  lockstep.awaitTurn();
  memory.shared[LOCKSTEP_WORDS] = 0;
  return { schedules, steps, isComplete: !hasMore, violation };
}

/** One execution; the claim that was violated, or null. */
function execute(model: Model, stage: Stage, limits: ScheduleLimits): string | null {
  wipe();
  lockstep.resetExecution(limits);
  model.prepare?.(stage);
  const program = model.programs[0](stage);
  lockstep.giveTurn();
  lockstep.awaitTurn();
  const violation = lockstep.run(program);
  const noteBytes = new DataView(memory.note.buffer).getInt32(0);
  if (violation !== null) return violation.message;
  if (noteBytes > 0) return decoder.decode(memory.note.slice(4, 4 + noteBytes));
  try {
    model.check?.(stage);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function wipe(): void {
  memory.control.fill(0);
  memory.log.fill(0, 0, STAGE_LOG_WORDS);
  // Bytes that were never written must not look like a frame by chance.
  for (const ring of memory.rings) new Int32Array(ring).fill(0x5a5a_5a5a);
  new DataView(memory.note.buffer).setInt32(0, 0);
}

function follow(model: Model, stage: Stage): null {
  for (;;) {
    lockstep.awaitTurn();
    if (memory.shared[LOCKSTEP_WORDS] === 1) {
      lockstep.giveTurn();
      return null;
    }
    const program = model.programs[1](stage);
    lockstep.giveTurn();
    lockstep.awaitTurn();
    lockstep.run(() => noteViolations(program));
  }
}

/** Leaves the text of a violation where thread 0 finds it. */
function noteViolations(program: () => void): void {
  try {
    program();
  } catch (error) {
    if (lockstep.isUnwinding(error)) throw error;
    const text = encoder.encode(String(error instanceof ViolationError ? error.message : error));
    const bytes = text.subarray(0, memory.note.length - 4);
    memory.note.set(bytes, 4);
    new DataView(memory.note.buffer).setInt32(0, bytes.length);
    throw error;
  }
}
