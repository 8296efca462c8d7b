import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { componentCodeOf } from "../../../src/component/component-code.ts";
import type { SpoutInstance } from "../../../src/component/component-hooks.ts";
import { installCollector } from "../../../src/component/install-collector.ts";
import { fields, fromAsyncIterable, fromIterable, fromStream } from "../../../src/index.ts";

const N = fields("n:int32");

async function start(
  component: unknown,
  context: object = {},
): Promise<{ instance: SpoutInstance; rows: unknown[] }> {
  const rows: unknown[] = [];
  const instance = componentCodeOf(component).create() as SpoutInstance;
  installCollector(instance, { emit: (values: unknown[]) => void rows.push(values[0]) });
  let nowMs = 0;
  await instance.open?.(
    { taskIndex: 0, taskCount: 1, nowMs: () => nowMs++ / 100, ...context },
    { position: undefined },
  );
  return { instance, rows };
}

async function runToEnd(instance: SpoutInstance): Promise<number> {
  for (let calls = 1; calls < 10_000; calls++) if ((await instance.nextTuple({})) === "exhausted") return calls;
  return assert.fail("never exhausted");
}

const upTo = (count: number) => Array.from({ length: count }, (_, i): [number] => [i]);

test("an iterable is a finite spout: one tuple per call, then exhausted, and again", async () => {
  const { instance, rows } = await start(fromIterable(N, () => upTo(5)));
  assert.equal(await runToEnd(instance), 6);
  assert.deepEqual(rows, [0, 1, 2, 3, 4]);
  assert.equal(instance.nextTuple({}), "exhausted");
});

test("each task takes its share by the context", async () => {
  const component = fromIterable(N, function* ({ taskIndex, taskCount }) {
    for (let i = taskIndex; i < 10; i += taskCount) yield [i];
  });
  const shares = await Promise.all(
    [0, 1, 2].map(async (taskIndex) => {
      const { instance, rows } = await start(component, { taskIndex, taskCount: 3 });
      await runToEnd(instance);
      return rows;
    }),
  );
  assert.deepEqual(shares, [
    [0, 3, 6, 9],
    [1, 4, 7],
    [2, 5, 8],
  ]);
});

test("closing early lets a generator clean up", async () => {
  let cleaned = 0;
  const sync = await start(
    fromIterable(N, function* () {
      try {
        yield* upTo(3);
      } finally {
        cleaned++;
      }
    }),
  );
  sync.instance.nextTuple({});
  await sync.instance.close?.();
  const async = await start(
    fromAsyncIterable(N, async function* () {
      try {
        yield* upTo(1_000);
      } finally {
        cleaned++;
      }
    }),
  );
  await async.instance.nextTuple({});
  await async.instance.close?.();
  assert.equal(cleaned, 2);
});

test("an async iterable: several tuples per call, bounded, all of them in order", async () => {
  const { instance, rows } = await start(
    fromAsyncIterable(N, async function* () {
      yield* upTo(1_000);
    }),
  );
  await instance.nextTuple({});
  assert.ok(rows.length > 1 && rows.length <= 64, `${rows.length} in the first call`);
  await runToEnd(instance);
  assert.deepEqual(rows, upTo(1_000).flat());
});

test("an async iterable stops within a call when the clock says so, or when deactivated", async () => {
  const source = fromAsyncIterable(N, async function* () {
    yield* upTo(1_000);
  });
  let nowMs = 0;
  const slow = await start(source, { nowMs: () => nowMs++ });
  await slow.instance.nextTuple({});
  assert.equal(slow.rows.length, 1);

  const { instance, rows } = await start(source);
  const call = instance.nextTuple({});
  instance.deactivate?.();
  // The read under way is not waited for; its row is kept for the next call.
  assert.equal(await call, "idle");
  assert.equal(rows.length, 0);
  instance.activate?.();
  await instance.nextTuple({});
  assert.ok(rows.length > 10);
  assert.deepEqual(rows, upTo(rows.length).flat());
});

test("closing does not wait for a source that never answers", async () => {
  const { instance } = await start(
    fromAsyncIterable(N, async function* () {
      await new Promise<never>(() => {});
      yield [1];
    }),
  );
  void instance.nextTuple({});
  await instance.close?.();
});

test("a Node stream in object mode is a spout, and is destroyed when the task closes", async () => {
  const finite = await start(fromStream(N, () => Readable.from(upTo(100))));
  await runToEnd(finite.instance);
  assert.deepEqual(finite.rows, upTo(100).flat());

  const endless = new Readable({ objectMode: true, read() {} });
  const { instance } = await start(fromStream(N, () => endless));
  const call = Promise.resolve(instance.nextTuple({})).catch((error: NodeJS.ErrnoException) => error.code);
  await instance.close?.();
  assert.equal(endless.destroyed, true);
  assert.equal(await call, "ERR_STREAM_PREMATURE_CLOSE");
});

test("an error of the source comes through", async () => {
  const { instance } = await start(
    fromIterable(N, function* (): Generator<[number]> {
      yield [1];
      throw new RangeError("broken");
    }),
  );
  instance.nextTuple({});
  assert.throws(() => instance.nextTuple({}), RangeError);
});

test("a source of the wrong kind is refused at open", async () => {
  for (const form of [fromIterable, fromAsyncIterable, fromStream]) {
    for (const source of [undefined, null, 3, {}]) {
      await assert.rejects(start(form(N, () => source as never)), { code: "COMPONENT_NOT_ITERABLE" });
    }
  }
  await assert.rejects(start(fromIterable(N, () => Readable.from([]) as never)), { code: "COMPONENT_NOT_ITERABLE" });
});
