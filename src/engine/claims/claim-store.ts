import type { EngineError } from "../../base/engine-error.ts";

/** What is claimed: unique to topology, component, task and name, whatever process or run asks. */
export interface ClaimSubject {
  readonly topology: string;
  readonly component: string;
  /** Null for a name that all tasks of the component share. */
  readonly taskIndex: number | null;
  readonly name: string;
}

/** A claim that was given, as its store knows it. */
export interface HeldClaim {
  readonly path: string;
  readonly epoch: number;
  readonly token: string;
  /** Why it is not held any more, in words; null while it is. */
  loss(): string | null;
  release(): void;
}

export interface ClaimRefusal {
  readonly refused: EngineError;
  /** It may come free by itself. */
  readonly mayChange: boolean;
}

/** Where a run's claims are kept: in files, or in the memory of a simulation. */
export interface ClaimStore {
  /** @throws EngineError CLAIM_FOLDER_UNFIT */
  tryTake(subject: ClaimSubject): HeldClaim | ClaimRefusal;
}

/** The subject in words; also its place below the folder of all claims. */
export function subjectText({ topology, component, taskIndex, name }: ClaimSubject): string {
  return [topology, component, taskIndex ?? "all", name].join("/");
}
