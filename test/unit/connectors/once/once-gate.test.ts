// One task of a gate, without an engine: what it says to its store, and when.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OnceAnswer, OnceOperation } from "../../../../src/connectors/once/index.ts";
import { memoryOnceStore } from "../../../../src/connectors/once/index.ts";
import { OnceGate } from "../../../../src/connectors/once/once-gate.ts";
import { oncePlanOf } from "../../../../src/connectors/once/once-options.ts";
import { type AnyTuple, fields } from "../../../../src/index.ts";
import { stubContext } from "./stub-context.ts";

interface Asked {
  readonly operations: readonly OnceOperation[];
  answer(...states: OnceAnswer["state"][]): Promise<void>;
  refuse(): Promise<void>;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** After a pause, since the store did not answer. */
async function askedAgain(asked: readonly Asked[], count: number): Promise<void> {
  const endMs = performance.now() + 5000;
  while (asked.length < count) {
    assert.ok(performance.now() < endMs, "the store is not asked again");
    await turn();
  }
}

interface Changes {
  readonly closeTimeoutMs?: number;
  readonly waitingMax?: number;
  readonly onBusy?: "drop";
}

function gateOf(changes: Changes = {}, clock = { nowMs: 0 }) {
  const asked: Asked[] = [];
  const deeds: string[] = [];
  const nameOf = (tuple: AnyTuple) => String(tuple.$.values[0]);
  const plan = oncePlanOf({ fields: fields("n:int32"), id: "n", store: memoryOnceStore(), ...changes });
  const gate = new OnceGate({
    plan: { ...plan, waitMaxMs: 1000 },
    context: stubContext(() => clock.nowMs),
    collector: {
      emit: (row, values) => deeds.push(`emit ${nameOf(row)}: ${values.length}`),
      ack: (row) => deeds.push(`ack ${nameOf(row)}`),
      fail: (row) => deeds.push(`fail ${nameOf(row)}`),
      reportError: () => deeds.push("report"),
    },
    session: {
      isRemote: true,
      apply: (operations) =>
        new Promise((resolve, reject) => {
          asked.push({
            operations,
            async answer(...states) {
              resolve(states.map((state) => ({ state, leftMs: state === "busy" ? 500 : 0 })));
              await turn();
            },
            async refuse() {
              reject(new Error("no answer"));
              await turn();
            },
          });
        }),
    },
  });
  return { gate, asked, deeds };
}

function row(n: number, token: string): AnyTuple & { $: { isExpired: boolean } } {
  const $ = { values: [n, `id ${n}`, token], attempt: 1, isExpired: false };
  return { $ } as unknown as AnyTuple & { $: { isExpired: boolean } };
}

const outcome = (n: number, onceToken: string, completed: boolean) =>
  ({ ...row(n, onceToken), onceId: `id ${n}`, onceToken, completed }) as unknown as Parameters<
    OnceGate["takeOutcome"]
  >[0];

test("what comes in one turn is asked together, in order, and one question at a time", async () => {
  const { gate, asked, deeds } = gateOf();
  void gate.takeRow(row(1, "m.1"));
  void gate.takeOutcome(outcome(2, "o.3", true));
  await turn();
  void gate.takeRow(row(3, "p.1"));
  await turn();
  assert.deepEqual(asked.length, 1);
  assert.deepEqual(asked[0]!.operations, [
    { kind: "reserve", id: "id 1", message: "m", attempt: 1 },
    { kind: "confirm", id: "id 2", message: "o", attempt: 3 },
  ]);
  await asked[0]!.answer("taken", "noted");
  assert.deepEqual(deeds, ["ack 2", "emit 1: 1", "ack 1"]);
  assert.equal(asked.length, 2);
  await asked[1]!.answer("done");
  assert.deepEqual(deeds.slice(3), ["ack 3"]);
});

test("a row whose tree has failed meanwhile gives up what it has reserved", async () => {
  const { gate, asked, deeds } = gateOf();
  const failed = row(1, "m.1");
  void gate.takeRow(failed);
  await turn();
  failed.$.isExpired = true;
  await asked[0]!.answer("taken");
  assert.deepEqual(deeds, []);
  assert.deepEqual(asked[1]!.operations, [{ kind: "release", id: "id 1", message: "m", attempt: 1 }]);
});

test("a row that waits asks again when its id's outcome is told, and not when its own tree has failed", async () => {
  const { gate, asked, deeds } = gateOf();
  const late = row(1, "m.1");
  void gate.takeRow(late);
  void gate.takeRow(row(1, "n.1"));
  await turn();
  await asked[0]!.answer("busy", "busy");
  late.$.isExpired = true;
  gate.tick();
  void gate.takeOutcome(outcome(1, "o.1", false));
  await turn();
  await asked[1]!.answer("noted");
  assert.deepEqual(asked[2]!.operations, [{ kind: "reserve", id: "id 1", message: "n", attempt: 1 }]);
  await asked[2]!.answer("taken");
  assert.deepEqual(deeds, ["ack 1", "emit 1: 1", "ack 1"]);
});

test("when the store does not answer, rows fail and outcomes are told again, before what came later", async () => {
  const { gate, asked, deeds } = gateOf();
  void gate.takeRow(row(1, "m.1"));
  void gate.takeOutcome(outcome(2, "o.1", true));
  await turn();
  void gate.takeRow(row(3, "p.1"));
  await asked[0]!.refuse();
  assert.deepEqual(deeds, ["ack 2", "fail 1", "report"]);
  await askedAgain(asked, 2);
  assert.deepEqual(
    asked[1]!.operations.map(({ kind, id }) => [kind, id]),
    [
      ["confirm", "id 2"],
      ["reserve", "id 3"],
    ],
  );
  await asked[1]!.answer("noted", "taken");
  await gate.close();
});

test("a row whose tree has failed while its question got no answer gives up what may be reserved", async () => {
  const { gate, asked, deeds } = gateOf();
  const failed = row(1, "m.1");
  void gate.takeRow(failed);
  await turn();
  failed.$.isExpired = true;
  await asked[0]!.refuse();
  await askedAgain(asked, 2);
  assert.deepEqual(asked[1]!.operations, [{ kind: "release", id: "id 1", message: "m", attempt: 1 }]);
  await asked[1]!.answer("noted");
  await gate.close();
  assert.deepEqual(deeds, ["report"]);
});

test("a gate that was closed before its store answered asks nothing any more", { timeout: 10_000 }, async () => {
  const { gate, asked, deeds } = gateOf({ closeTimeoutMs: 10 });
  void gate.takeOutcome(outcome(1, "m.1", true));
  await turn();
  await gate.close();
  await asked[0]!.refuse();
  // The first pause is 50 ms.
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(asked.length, 1);
  assert.deepEqual(deeds, ["ack 1"]);
});

test("a row waits for so long at most, and so many rows do", async () => {
  const clock = { nowMs: 0 };
  const { gate, asked, deeds } = gateOf({ waitingMax: 1 }, clock);
  for (const n of [1, 2]) void gate.takeRow(row(n, `m${n}.1`));
  await turn();
  await asked[0]!.answer("busy", "busy");
  assert.deepEqual(deeds, ["fail 2"], "one waits already");
  clock.nowMs = 1000;
  gate.tick();
  await asked[1]!.answer("busy");
  assert.deepEqual(deeds, ["fail 2", "fail 1"]);
});

test("of those that wait the next one asks when the one before it was let through or is done", async () => {
  const { gate, asked, deeds } = gateOf();
  for (const message of ["m", "n"]) void gate.takeRow(row(1, `${message}.1`));
  await turn();
  await asked[0]!.answer("busy", "busy");
  void gate.takeOutcome(outcome(1, "o.1", true));
  await turn();
  await asked[1]!.answer("noted");
  await asked[2]!.answer("done");
  assert.equal(asked.length, 4, "without waiting for its time");
  await asked[3]!.answer("done");
  assert.deepEqual(deeds, ["ack 1", "ack 1", "ack 1"]);
});

test("with onBusy drop a row whose id another message has is acked, and goes no further", async () => {
  const { gate, asked, deeds } = gateOf({ onBusy: "drop" });
  void gate.takeRow(row(1, "m.1"));
  await turn();
  await asked[0]!.answer("busy");
  assert.deepEqual(deeds, ["ack 1"]);
});

test("when much waits for the store the gate takes no more until there is room", async () => {
  const { gate, asked } = gateOf();
  const taken = Array.from({ length: 4096 }, (_, n) => gate.takeRow(row(n, `m${n}.1`)));
  assert.ok(taken.at(-1) instanceof Promise);
  assert.ok(taken.slice(0, -1).every((one) => one === undefined));
  let hasRoom = false;
  void Promise.resolve(taken.at(-1)).then(() => {
    hasRoom = true;
  });
  await turn();
  assert.equal(asked[0]!.operations.length, 256);
  assert.equal(hasRoom, true);
});
