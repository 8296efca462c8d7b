// The lock protocol on a real folder, with what others may have left in it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import {
  type ClaimAttempt,
  type ClaimPlace,
  type ClaimWorld,
  lockFileOf,
  lossOf,
  releaseClaim,
  tryTakeClaim,
} from "../../../src/base/claim-lock.ts";
import { type ClaimOwner, currentOwner, endOf } from "../../../src/base/claim-owner.ts";
import { realClaimDisk } from "../../../src/base/disk.ts";

const own = currentOwner();
const onLinux = process.platform === "linux" ? {} : { skip: "owners are told apart by Linux's /proc" };
let tokens = 0;

function worldOf(owner: ClaimOwner = own): ClaimWorld {
  return {
    disk: realClaimDisk,
    own: owner,
    endOf: (other) => endOf(other, owner),
    makeToken: () => `token-${tokens++}`,
  };
}

function placeFor(t: TestContext): ClaimPlace {
  const root = mkdtempSync(path.join(tmpdir(), "stormcell-claims-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  return { folder: path.join(root, "a", "b"), subject: "topology/component/0/it" };
}

function taken(attempt: ClaimAttempt): Extract<ClaimAttempt, { kind: "taken" }>["record"] {
  assert.equal(attempt.kind, "taken", JSON.stringify(attempt));
  return (attempt as Extract<ClaimAttempt, { kind: "taken" }>).record;
}

/** Leaves a lock file as that owner would. */
function plant(place: ClaimPlace, owner: ClaimOwner): void {
  taken(tryTakeClaim(place, { ...worldOf(), own: owner }));
}

/** A process number that nobody has: that of a child that is gone and waited for. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ["--version"], { stdio: "ignore" });
  await new Promise((resolve) => child.once("close", resolve));
  return child.pid!;
}

test("a free claim is taken, held, released and taken again, with a greater epoch each time", (t) => {
  const place = placeFor(t);
  const first = taken(tryTakeClaim(place, worldOf()));
  assert.deepEqual([first.epoch, first.state, first.owner], [1, "held", own]);
  assert.deepEqual(readdirSync(place.folder), ["lock"]);
  assert.equal(lossOf(place, first.token, realClaimDisk), null);

  const second = tryTakeClaim(place, worldOf());
  assert.deepEqual(second, { kind: "held", by: first, file: lockFileOf(place) });

  releaseClaim(place, first, realClaimDisk);
  assert.equal(lossOf(place, first.token, realClaimDisk), "it was released");
  const third = taken(tryTakeClaim(place, worldOf()));
  assert.equal(third.epoch, 2);
  assert.match(lossOf(place, first.token, realClaimDisk)!, /names another owner/);

  // A late release of the first owner changes nothing for the one that has it now.
  releaseClaim(place, first, realClaimDisk);
  assert.equal(lossOf(place, third.token, realClaimDisk), null);
  assert.deepEqual(readdirSync(place.folder), ["lock"]);
});

test("folders are for their user alone", (t) => {
  const place = placeFor(t);
  taken(tryTakeClaim(place, worldOf()));
  const mode = (file: string) => realClaimDisk.openFolder(file);
  assert.deepEqual([mode(place.folder), mode(path.dirname(place.folder))], [null, null]);
});

test("a dead process gives its claim to the next", onLinux, async (t) => {
  const place = placeFor(t);
  plant(place, { ...own, pid: await deadPid(), processStart: "1" });
  assert.equal(taken(tryTakeClaim(place, worldOf())).epoch, 2);
});

test("a process number that was used again is known by its start time", onLinux, (t) => {
  const place = placeFor(t);
  plant(place, { ...own, processStart: String(Number(own.processStart) - 1) });
  assert.equal(taken(tryTakeClaim(place, worldOf())).epoch, 2);
});

test("a thread of this process that is gone gives its claim to the next", onLinux, async (t) => {
  const place = placeFor(t);
  plant(place, { ...own, thread: await deadPid(), threadStart: "1" });
  assert.equal(taken(tryTakeClaim(place, worldOf())).epoch, 2);
});

test("an owner that started before the machine did is over", onLinux, (t) => {
  const place = placeFor(t);
  plant(place, { ...own, boot: "0d9e5f3c-0000-0000-0000-000000000000" });
  assert.equal(taken(tryTakeClaim(place, worldOf())).epoch, 2);
});

test("an owner that cannot be looked at from here counts as alive", onLinux, (t) => {
  for (const foreign of [
    { machine: "another host", boot: "another boot" },
    { namespaces: "pid:[1] time:[1]", pid: 4_194_303 },
    { processStart: null, threadStart: null, thread: null },
  ]) {
    const place = placeFor(t);
    plant(place, { ...own, ...foreign });
    assert.equal(tryTakeClaim(place, worldOf()).kind, "held", JSON.stringify(foreign));
  }
});

test("a file that is empty, partial or foreign is nobody's, and stays as it is", (t) => {
  const whole = placeFor(t);
  taken(tryTakeClaim(whole, worldOf()));
  const text = readFileSync(lockFileOf(whole), "utf8");
  const contents: Readonly<Record<string, string>> = {
    empty: "",
    blank: "\n",
    "partly written": text.slice(0, text.length >> 1),
    "somebody's process number": `${process.pid}\n`,
    "a newer format": text.replace("stormcell claim 1", "stormcell claim 2"),
    "another claim's": text.replace("component/0/it", "component/1/it"),
    "a record without a token": text.replace(/"token":"[^"]*"/, '"token":""'),
    "a negative process number": text.replace(/"pid":\d+/, '"pid":-1'),
    "an epoch of nothing": text.replace(/"epoch":\d+/, '"epoch":null'),
    "too long": " ".repeat(20_000),
  };
  for (const [name, content] of Object.entries(contents)) {
    for (const file of ["lock", "step-1"]) {
      const place = placeFor(t);
      mkdirSync(place.folder, { recursive: true });
      writeFileSync(path.join(place.folder, file), content);
      const attempt = tryTakeClaim(place, worldOf());
      assert.equal(attempt.kind, "foreign", `${name} as ${file}: ${JSON.stringify(attempt)}`);
      assert.deepEqual(readdirSync(place.folder), [file], name);
      assert.equal(readFileSync(path.join(place.folder, file), "utf8"), content, name);
    }
  }
});

test("a folder or a link in the place of the lock file is nobody's", (t) => {
  const place = placeFor(t);
  mkdirSync(lockFileOf(place), { recursive: true });
  assert.equal(tryTakeClaim(place, worldOf()).kind, "foreign");
  rmSync(lockFileOf(place), { recursive: true });
  symlinkSync("/dev/null", lockFileOf(place));
  assert.deepEqual(tryTakeClaim(place, worldOf()), {
    kind: "foreign",
    file: lockFileOf(place),
    what: "it is a symbolic link",
  });
});

test("who died in the middle of a takeover is passed by, and its litter removed", onLinux, async (t) => {
  const place = placeFor(t);
  const dead = { ...own, pid: await deadPid(), processStart: "1" };
  plant(place, dead);
  for (const epoch of [2, 3]) {
    // As left between the exclusive step and the replacing of the lock file.
    const draft = path.join(place.folder, `draft-${epoch}`);
    const record = { subject: place.subject, state: "held", epoch, token: `died-${epoch}`, owner: dead };
    writeFileSync(draft, JSON.stringify({ format: "stormcell claim 1", ...record }));
    linkSync(draft, path.join(place.folder, `step-${epoch}`));
  }
  assert.equal(taken(tryTakeClaim(place, worldOf())).epoch, 4);
  assert.deepEqual(readdirSync(place.folder), ["lock"]);
});

test("who is in the middle of a takeover, and alive, is waited for", onLinux, async (t) => {
  const place = placeFor(t);
  plant(place, { ...own, pid: await deadPid(), processStart: "1" });
  const record = { subject: place.subject, state: "held", epoch: 2, token: "on its way", owner: own };
  const step = path.join(place.folder, "step-2");
  writeFileSync(step, JSON.stringify({ format: "stormcell claim 1", ...record }));
  assert.deepEqual(tryTakeClaim(place, worldOf()), { kind: "held", by: record, file: step });
});

test("an owner whose lock file is gone or replaced is told so", (t) => {
  const place = placeFor(t);
  const { token } = taken(tryTakeClaim(place, worldOf()));
  writeFileSync(lockFileOf(place), "mine now");
  assert.match(lossOf(place, token, realClaimDisk)!, /replaced: it holds no whole record/);
  rmSync(place.folder, { recursive: true });
  assert.equal(lossOf(place, token, realClaimDisk), "its lock file was removed");
});
