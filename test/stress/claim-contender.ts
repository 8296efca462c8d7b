// One of the processes that contend for a claim: takes it whenever it can, says so to the witness, gives it back.
import { randomUUID } from "node:crypto";
import { appendFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { type ClaimRecord, type ClaimWorld, lossOf, releaseClaim, tryTakeClaim } from "../../src/base/claim-lock.ts";
import { currentOwner, endOf } from "../../src/base/claim-owner.ts";
import { type ClaimDisk, realClaimDisk } from "../../src/base/disk.ts";
import { Prng } from "../../src/base/prng.ts";
import type { ClaimJob } from "./claim-job.ts";

const prng = new Prng(Number(process.argv[2]));
const sleeper = new Int32Array(new SharedArrayBuffer(4));
const own = currentOwner();
const world: ClaimWorld = {
  disk: slowed(realClaimDisk),
  own,
  endOf: (owner) => endOf(owner, own),
  makeToken: () => randomUUID(),
};
let job: ClaimJob | null = null;

process.on("message", (next: ClaimJob) => {
  job = next;
});
process.on("disconnect", () => process.exit());

/** Now and then sleeps before a call, so that signals come in the middle of the protocol, too. */
function slowed(disk: ClaimDisk): ClaimDisk {
  const nap = () => {
    if (prng.below(8) === 0) Atomics.wait(sleeper, 0, 0, prng.nextFloat() * 2);
  };
  return new Proxy(disk, {
    get(target, key) {
      const call = Reflect.get(target, key) as (...given: unknown[]) => unknown;
      return (...given: unknown[]) => {
        nap();
        return call.apply(target, given);
      };
    },
  });
}

async function beOwner({ place, witness }: ClaimJob, record: ClaimRecord): Promise<void> {
  const say = (what: string) => appendFileSync(witness, `${what} ${process.pid} ${record.epoch}\n`);
  say("enter");
  for (let times = prng.below(4); times > 0; times--) {
    await pause(prng.below(2));
    const loss = lossOf(place, record.token, realClaimDisk);
    say(loss === null ? "inside" : "lost");
  }
  say("leave");
  releaseClaim(place, record, world.disk);
}

for (;;) {
  if (job === null) {
    await pause(1);
    continue;
  }
  const now: ClaimJob = job;
  const attempt = tryTakeClaim(now.place, world);
  if (attempt.kind === "taken") await beOwner(now, attempt.record);
  else if (attempt.kind === "foreign") {
    process.send!({ round: now.round });
    if (job === now) job = null;
  }
  await pause(prng.below(3));
}
