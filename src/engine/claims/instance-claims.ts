import { setTimeout as sleep } from "node:timers/promises";
import { realClock } from "../../base/clock.ts";
import { EngineError } from "../../base/engine-error.ts";
import { checkId } from "../../base/ids.ts";
import type { Claim, ClaimOptions } from "../../component/claim.ts";
import type { ClaimStore, ClaimSubject, HeldClaim } from "./claim-store.ts";

const WAIT_MS = 2_000;
const WAIT_MS_MAX = 600_000;
const FIRST_PAUSE_MS = 2;
const PAUSE_MS_MAX = 50;

export interface InstanceClaimsParts {
  readonly store: ClaimStore;
  readonly task: Omit<ClaimSubject, "name">;
  /** Aborted when the instance is given up or closed: it gets nothing new from then on. */
  readonly signal: AbortSignal;
  /** Told what went wrong with a release, which has nobody else to tell. */
  readonly failed: (error: unknown) => void;
}

/**
 * The claims of one instance of a task: given while it lives, released when it is over. An instance that was given up
 * keeps them until its last hook has ended, since it may write until then.
 */
export class InstanceClaims {
  readonly #parts: InstanceClaimsParts;
  readonly #held = new Set<HeldClaim>();
  #isOver = false;

  constructor(parts: InstanceClaimsParts) {
    this.#parts = parts;
  }

  async claim(name: string, options: ClaimOptions = {}): Promise<Claim> {
    const { waitMs = WAIT_MS, scope = "task" } = options;
    checkRequest(name, { waitMs, scope });
    const { store, task, signal } = this.#parts;
    const subject: ClaimSubject = { ...task, taskIndex: scope === "task" ? task.taskIndex : null, name };
    // What it waits for ends in real time, also where the engine's own is a virtual one.
    const deadlineMs = realClock.nowMs() + waitMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)) {
      if (this.#isOver || signal.aborted) throw lost(name, "the instance that asks for it is over");
      const taken = store.tryTake(subject);
      if (!("refused" in taken)) return this.#give(name, taken);
      const leftMs = deadlineMs - realClock.nowMs();
      if (!taken.mayChange || leftMs <= 0) throw taken.refused;
      await sleep(Math.min(pauseMs, leftMs));
    }
  }

  /** The instance is over: its last hook has ended, or it had none to call. */
  end(): void {
    this.#isOver = true;
    for (const held of this.#held) {
      try {
        held.release();
      } catch (error) {
        this.#parts.failed(error); // It comes free with this thread.
      }
    }
    this.#held.clear();
  }

  #give(name: string, held: HeldClaim): Claim {
    this.#held.add(held);
    const { path, epoch, token } = held;
    return {
      name,
      path,
      epoch,
      token,
      check: () => {
        const loss = this.#held.has(held) ? held.loss() : "it was released, or its instance is over";
        if (loss !== null) throw lost(name, loss, held);
      },
      release: () => {
        if (this.#held.delete(held)) held.release();
      },
    };
  }
}

function lost(name: string, reason: string, held?: HeldClaim): EngineError {
  return new EngineError("CLAIM_LOST", {
    problem: `the claim "${name}" is not this instance's any more`,
    facts: { reason, epoch: held?.epoch, "lock file": held?.path },
    remedy: "write nothing more: what was claimed may have another owner by now",
  });
}

function checkRequest(name: string, { waitMs, scope }: Required<ClaimOptions>): void {
  const isWait = typeof waitMs === "number" && waitMs >= 0 && waitMs <= WAIT_MS_MAX;
  const isScope = scope === "task" || scope === "component";
  const problem =
    checkId("claim", name) ??
    (isWait ? null : `the waitMs of the claim "${name}" is ${String(waitMs)}`) ??
    (isScope ? null : `the scope of the claim "${name}" is ${String(scope)}`);
  if (problem === null) return;
  throw new EngineError("CLAIM_BAD_REQUEST", {
    problem,
    facts: { waitMs: `0 to ${WAIT_MS_MAX}`, scope: ["task", "component"] },
    remedy: "give the claim a name as components have one, and options within their range",
  });
}
