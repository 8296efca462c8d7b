import { EngineError } from "../../base/engine-error.ts";
import { type ClaimRefusal, type ClaimStore, type ClaimSubject, type HeldClaim, subjectText } from "./claim-store.ts";

/** The claims of one simulation, which has nobody to share them with: the same rules among its own instances. */
export class MemoryClaims implements ClaimStore {
  readonly #epochs = new Map<string, number>();
  readonly #held = new Set<string>();

  tryTake(subject: ClaimSubject): HeldClaim | ClaimRefusal {
    const path = subjectText(subject);
    if (this.#held.has(path)) {
      const refused = new EngineError("CLAIM_HELD", {
        problem: `the claim "${path}" is held by an instance that is not over`,
        facts: { claim: path },
        remedy: "let cleanup or close of the earlier instance come to an end, or raise waitMs",
      });
      return { refused, mayChange: true };
    }
    const epoch = (this.#epochs.get(path) ?? 0) + 1;
    this.#epochs.set(path, epoch);
    this.#held.add(path);
    let isHeld = true;
    return {
      path,
      epoch,
      token: `${path}@${epoch}`,
      loss: () => (isHeld ? null : "it was released"),
      release: () => {
        if (isHeld) this.#held.delete(path);
        isHeld = false;
      },
    };
  }
}
