/**
 * A program that writes rows as a task of a fileBolt does, tells on standard output which are acked, and kills itself
 * with SIGKILL in the middle of a call of the system: arguments folder, life, call, seed.
 */
import { writeSync } from "node:fs";
import { Prng } from "../../../../src/base/prng.ts";
import { fileBoltPlanOf } from "../../../../src/connectors/files/file-bolt-plan.ts";
import { FileWriter } from "../../../../src/connectors/files/file-writer.ts";
import { type FileAccess, localFiles, type WritableFile } from "../../../../src/connectors/files/local-files.ts";
import type { AnyTuple, TaskContext } from "../../../../src/index.ts";
// Not from the index: hundreds of these processes are started.
import { fields } from "../../../../src/tuple/fields.ts";

const [folder, life, call, seed] = [process.argv[2]!, ...process.argv.slice(3).map(Number)] as [
  string,
  number,
  number,
  number,
];
const prng = new Prng(seed);
let calls = 0;

/** True in the middle of the call in which it ends. */
function isLast(): boolean {
  return ++calls === call;
}

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("unreachable");
}

/** Before the call, after it, or in the middle of a write. */
function around<R>(work: () => R, part: (() => void) | null = null): R {
  if (!isLast()) return work();
  const when = prng.below(3);
  if (when === 1 && part !== null) part();
  if (when === 2) work();
  return die();
}

const access: FileAccess = {
  ...localFiles,
  create: (path) => wrap(around(() => localFiles.create(path))),
  rename: (from, to) => around(() => localFiles.rename(from, to)),
  remove: (path) => around(() => localFiles.remove(path)),
  openToRepair: (path) => around(() => localFiles.openToRepair(path)),
  syncFolder: async (path) => {
    if (isLast()) die();
    await localFiles.syncFolder(path);
    if (prng.below(4) === 0 && isLast()) die();
  },
};

function wrap(file: WritableFile): WritableFile {
  return {
    facts: () => file.facts(),
    write: (bytes, position) =>
      around(
        () => file.write(bytes, position),
        () => file.write(bytes.subarray(0, prng.below(bytes.length + 1)), position),
      ),
    sync: async () => {
      if (isLast()) die();
      await file.sync();
    },
    truncate: (bytes) => around(() => file.truncate(bytes)),
    close: () => file.close(),
  };
}

const nothing = { mark() {}, increment() {}, set() {}, record() {} };
const context = {
  topology: "t",
  component: "c",
  taskIndex: 0,
  nowMs: () => performance.now(),
  metrics: { meter: () => nothing, counter: () => nothing, gauge: () => nothing, histogram: () => nothing },
  logger: { info() {}, warn() {} },
  claim: async () => ({ check() {}, release() {} }),
} as unknown as TaskContext;
const Numbered = fields("life:int32", "n:int32");
const numberOf = (tuple: AnyTuple) => (tuple as unknown as { n: number }).n;
const writer = new FileWriter(
  fileBoltPlanOf({ input: Numbered, folder, rotate: { rows: 5 + prng.below(30) } }),
  context,
  {
    ack: (tuple) => writeSync(1, `${numberOf(tuple)}\n`),
    fail: () => {},
    reportError: () => {},
  },
  access,
);
await writer.start();
// More than any life has calls.
for (let n = 0; n < 100_000; n++) {
  await writer.take({ life, n } as unknown as AnyTuple);
  if (prng.below(8) === 0) await writer.settle();
}
await writer.close();
