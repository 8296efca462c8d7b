// The bolt that is the only writer of a resource: what it hands over when, and what becomes of rows when that fails.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Claim,
  defineTopology,
  EngineError,
  fields,
  type ResourceWriter,
  type SingleWriterOptions,
  Spout,
  singleWriter,
} from "../../../src/index.ts";
import { simulate, verifyBolt } from "../../../src/testing/index.ts";

const N = fields("n:int32");

/** Emits so many numbers, and notes what becomes of each. */
class Numbers extends Spout({ output: N }) {
  readonly #rows: number;
  readonly #told: string[];
  #next = 0;

  constructor(rows: number, told: string[]) {
    super();
    this.#rows = rows;
    this.#told = told;
  }

  nextTuple() {
    if (this.#next === this.#rows) return "exhausted";
    this.collector.emit([this.#next], this.#next);
    this.#next++;
    return undefined;
  }

  override ack(id: unknown): void {
    this.#told.push(`ack ${id}`);
  }

  override fail(id: unknown): void {
    this.#told.push(`fail ${id}`);
  }
}

type Options = Partial<SingleWriterOptions<typeof N>>;

interface Trial {
  readonly rows: number;
  readonly options?: Options;
  readonly parallelism?: number;
}

/** Runs a writer that notes what it is called with, or what `writer` makes of these notes. */
async function run(
  { rows, options, parallelism = 1 }: Trial,
  makeWriter: (notes: string[]) => ResourceWriter<typeof N> = notingWriter,
) {
  const notes: string[] = [];
  const told: string[] = [];
  const topology = defineTopology(import.meta.url, (builder) => {
    const numbers = builder.setSpout("numbers", Numbers, { create: () => new Numbers(rows, told) });
    const writer = singleWriter({ input: N, resource: "it", writer: () => makeWriter(notes), ...options });
    builder.setBolt("writer", writer, { parallelism }).shuffleGrouping(numbers);
  });
  const simulation = simulate(topology, { config: { batchRowsMax: 4 } });
  const failure = await simulation.completed().then(
    () => null,
    (error: unknown) => error as EngineError,
  );
  return { notes, told, failure };
}

function notingWriter(notes: string[]): ResourceWriter<typeof N> {
  return {
    open: (_context, claim) => void notes.push(`open ${claim.name} ${claim.epoch}`),
    write: (rows) => void notes.push(`write ${rows.map(({ n }) => n).join(" ")}`),
    sync: () => void notes.push("sync"),
    close: () => void notes.push("close"),
  };
}

test("a single writer hands over full batches, and the rest at the end, each synced before it is acked", async () => {
  const { notes, told, failure } = await run({ rows: 5, options: { batchRows: 2, lingerMs: 60_000 } });
  assert.equal(failure, null);
  const batches = ["write 0 1", "sync", "write 2 3", "sync", "write 4", "sync"];
  assert.deepEqual(notes, ["open it 1", ...batches, "close"]);
  assert.deepEqual(
    told,
    [0, 1, 2, 3, 4].map((n) => `ack ${n}`),
  );
});

test("a single writer writes what has waited for lingerMs, or each row at once if nothing is to linger", async () => {
  const lingering = await run({ rows: 3, options: { batchRows: 1_000, lingerMs: 5 } });
  assert.equal(lingering.notes.filter((note) => note === "sync").length >= 1, true);
  const { notes } = await run({ rows: 3, options: { lingerMs: 0 } });
  assert.deepEqual(notes.slice(1, -1), ["write 0", "sync", "write 1", "sync", "write 2", "sync"]);
});

for (const failing of ["write", "sync"] as const) {
  test(`a single writer fails the rows of a batch whose ${failing} throws, and goes on`, async () => {
    let calls = 0;
    const failOnce = (notes: string[]): ResourceWriter<typeof N> => ({
      ...notingWriter(notes),
      [failing]: async () => {
        calls++;
        if (calls === 2) throw new Error("the disk is full");
      },
    });
    const { notes, told, failure } = await run({ rows: 6, options: { batchRows: 2, lingerMs: 60_000 } }, failOnce);
    assert.equal(failure, null);
    assert.deepEqual(told.toSorted(), ["ack 0", "ack 1", "ack 4", "ack 5", "fail 2", "fail 3"]);
    assert.deepEqual([notes[0], notes.at(-1)], ["open it 1", "close"]);
  });
}

test("a single writer never has two writes under way, and takes in no more than a batch meanwhile", async () => {
  let underWay = 0;
  let most = 0;
  const slow = (): ResourceWriter<typeof N> => ({
    write: async (rows) => {
      assert.ok(rows.length <= 3);
      most = Math.max(most, ++underWay);
      await new Promise((resolve) => setTimeout(resolve, 1));
      underWay--;
    },
  });
  const { told } = await run({ rows: 30, options: { batchRows: 3, lingerMs: 1 } }, slow);
  assert.deepEqual([most, told.length], [1, 30]);
});

test("a single writer whose claim is lost writes and acks nothing more, and claims it again", async () => {
  const claims: Claim[] = [];
  const careless = (notes: string[]): ResourceWriter<typeof N> => ({
    ...notingWriter(notes),
    open: (_context, claim) => void claims.push(claim),
    write: (rows) => {
      notes.push(`write ${rows.map(({ n }) => n).join(" ")}`);
      if (claims.length === 1 && notes.length > 2) claims[0]!.release();
    },
  });
  const { told, failure, notes } = await run({ rows: 6, options: { batchRows: 2, lingerMs: 60_000 } }, careless);
  assert.equal(failure, null);
  assert.deepEqual(told.toSorted(), ["ack 0", "ack 1", "ack 4", "ack 5", "fail 2", "fail 3"], notes.join(", "));
  assert.deepEqual(
    claims.map(({ epoch }) => epoch),
    [1, 2],
  );
});

test("a single writer with several tasks fails the start", async () => {
  const { failure, notes } = await run({ rows: 1, parallelism: 2 });
  assert.equal(failure!.code, "TASK_FAILED");
  assert.equal((failure!.cause as EngineError).code, "SINGLE_WRITER_PARALLELISM");
  assert.match((failure!.cause as EngineError).message, /"writer" is the single writer .* has 2 tasks/);
  assert.deepEqual(notes, []);
});

test("a single writer refuses options that mean nothing", () => {
  const wrong: Readonly<Record<string, unknown>>[] = [
    { resource: "a/b" },
    { writer: {} },
    { batchRows: 0 },
    { batchRows: 1.5 },
    { lingerMs: -1 },
    { lingerMs: Number.NaN },
  ];
  for (const options of wrong) {
    const given = { input: N, resource: "it", writer: () => ({ write() {} }), ...options };
    assert.throws(
      () => singleWriter(given as SingleWriterOptions<typeof N>),
      (error) => error instanceof EngineError && error.code === "SINGLE_WRITER_BAD_OPTION",
      JSON.stringify(options),
    );
  }
});

test("a single writer acks every row once, whatever the batches and the end", async () => {
  const writer = singleWriter({ input: N, resource: "it", writer: () => ({ write() {} }), batchRows: 3 });
  await verifyBolt(writer, { input: [[1], [2], [3], [4], [5]], failed: [] });
});
