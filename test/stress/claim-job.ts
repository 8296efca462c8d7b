import type { ClaimPlace } from "../../src/base/claim-lock.ts";

/** What the contenders of a round are told. */
export interface ClaimJob {
  readonly round: number;
  readonly place: ClaimPlace;
  /** Where each says what it does while it believes to be the owner: appended to, a line at a time. */
  readonly witness: string;
}

/** A contender was refused for a file that no claim wrote. */
export interface ClaimRefused {
  readonly round: number;
}
