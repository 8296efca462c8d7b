import { randomUUID } from "node:crypto";
import os from "node:os";
import path from "node:path";
import {
  type ClaimPlace,
  type ClaimRecord,
  type ClaimWorld,
  lockFileOf,
  lossOf,
  releaseClaim,
  tryTakeClaim,
} from "../../base/claim-lock.ts";
import { currentOwner, endOf } from "../../base/claim-owner.ts";
import { realClaimDisk } from "../../base/disk.ts";
import { EngineError } from "../../base/engine-error.ts";
import { type ClaimRefusal, type ClaimStore, type ClaimSubject, type HeldClaim, subjectText } from "./claim-store.ts";

/** Where claims have their lock files unless the option claimsFolder says otherwise: one folder for each user. */
export function defaultClaimsFolder(env: NodeJS.ProcessEnv = process.env): string {
  // Not the system's folder for temporary files: what cleans that up would take the lock of a long run for litter.
  if (env.XDG_STATE_HOME) return path.join(env.XDG_STATE_HOME, "stormcell", "claims");
  const home = homeFolder();
  if (home !== null) return path.join(home, ".local", "state", "stormcell", "claims");
  return path.join(os.tmpdir(), `stormcell-${process.getuid?.() ?? "user"}`, "claims");
}

/** Null for a user who has none, as in a container that was given any user id. */
function homeFolder(): string | null {
  try {
    return os.homedir() || null;
  } catch {
    return null;
  }
}

/** Claims as lock files, one folder for each: the rules are those of claim-lock.ts, the owner is this thread. */
export class FileClaims implements ClaimStore {
  readonly #folder: string | null;
  #world: ClaimWorld | null = null;

  /** @param folder null for the default. Looked at only when something is claimed. */
  constructor(folder: string | null) {
    this.#folder = folder;
  }

  tryTake(subject: ClaimSubject): HeldClaim | ClaimRefusal {
    const root = path.resolve(this.#folder ?? defaultClaimsFolder());
    const text = subjectText(subject);
    const place: ClaimPlace = { folder: path.join(root, text), subject: text };
    try {
      const world = this.#open(root);
      const attempt = tryTakeClaim(place, world);
      if (attempt.kind === "taken") return heldClaim(place, attempt.record, world);
      if (attempt.kind === "foreign") return { refused: foreignFile(place, attempt), mayChange: false };
      const by = attempt.kind === "held" ? attempt.by : null;
      return { refused: held(place, by, world), mayChange: true };
    } catch (error) {
      throw error instanceof EngineError ? error : unfit(root, String(error), error);
    }
  }

  /** On the thread that claims: it is the owner. */
  #open(root: string): ClaimWorld {
    if (this.#world !== null) return this.#world;
    const wrong = realClaimDisk.openFolder(root);
    if (wrong !== null) throw unfit(root, wrong);
    const own = currentOwner();
    this.#world = { disk: realClaimDisk, own, endOf: (owner) => endOf(owner, own), makeToken: () => randomUUID() };
    return this.#world;
  }
}

function heldClaim(place: ClaimPlace, record: ClaimRecord, { disk }: ClaimWorld): HeldClaim {
  return {
    path: lockFileOf(place),
    epoch: record.epoch,
    token: record.token,
    loss: () => lossOf(place, record.token, disk),
    release: () => releaseClaim(place, record, disk),
  };
}

function held(place: ClaimPlace, by: ClaimRecord | null, { own }: ClaimWorld): EngineError {
  return new EngineError("CLAIM_HELD", {
    problem: `the claim "${place.subject}" is held by an owner that is not proven to be over`,
    facts: {
      owner: by === null ? "several that contend for it" : ownerText(by, own),
      epoch: by?.epoch,
      "lock file": lockFileOf(place),
    },
    remedy: by === null ? "try again" : remedyFor(by, own, place),
  });
}

function isOfThisMachine({ owner }: ClaimRecord, own: ClaimWorld["own"]): boolean {
  return owner.machine === own.machine && owner.boot === own.boot && owner.namespaces === own.namespaces;
}

function ownerText(by: ClaimRecord, own: ClaimWorld["own"]): string {
  const { owner } = by;
  const thread = owner.thread === null ? "" : `, thread ${owner.thread}`;
  if (!isOfThisMachine(by, own)) return `process ${owner.pid}${thread}, of another machine or container`;
  return owner.pid === own.pid ? `this process${thread}` : `process ${owner.pid}${thread}`;
}

function remedyFor(by: ClaimRecord, own: ClaimWorld["own"], { folder }: ClaimPlace): string {
  if (!isOfThisMachine(by, own)) {
    return `its end cannot be seen from here: make sure that it does not run any more, then remove ${folder}`;
  }
  if (by.owner.pid === own.pid) {
    return "let cleanup or close of the earlier instance come to an end, or raise waitMs";
  }
  return `end process ${by.owner.pid} first, or run one of the two under another topology name`;
}

function foreignFile({ subject, folder }: ClaimPlace, { file, what }: { file: string; what: string }): EngineError {
  return new EngineError("CLAIM_FOREIGN_FILE", {
    problem: `the claim "${subject}" has a file in its place that no claim wrote, or not whole`,
    facts: { file, reason: what },
    remedy: `make sure that nothing uses what is claimed, then remove ${folder}`,
  });
}

function unfit(folder: string, reason: string, cause?: unknown): EngineError {
  return new EngineError("CLAIM_FOLDER_UNFIT", {
    problem: "the folder for the lock files of claims cannot be used",
    facts: { folder, reason },
    remedy: "set claimsFolder to a folder of your own (mode 0700) on a local disk",
    cause,
  });
}
