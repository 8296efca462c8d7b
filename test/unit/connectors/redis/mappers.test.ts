import assert from "node:assert/strict";
import { test } from "node:test";
import { CommandBatch } from "../../../../src/connectors/redis/command-batch.ts";
import { valueFromText, valuesOfJson } from "../../../../src/connectors/redis/message-values.ts";
import { readRead, recordOf } from "../../../../src/connectors/redis/redis-read.ts";
import { type RedisWrite, readWrite } from "../../../../src/connectors/redis/redis-write.ts";
import { OptionReader } from "../../../../src/connectors/shared/option-reader.ts";
import { fields } from "../../../../src/index.ts";

const Order = fields("id:int64", "sku:string", "price:float64", "rush:bool", "note:string?", "raw:bytes");
const row = { id: 7n, sku: "nut", price: 1.5, rush: true, note: null, raw: new Uint8Array([1, 2]) };

function commandsFor(write: RedisWrite<typeof Order>, of: object = row) {
  const mapper = readWrite(new OptionReader("test", { write }, ["write"]), Order);
  const batch = new CommandBatch();
  batch.beginRow();
  mapper(of as Record<string, unknown>, batch);
  batch.endRow();
  return batch.commands;
}

test("a row becomes the commands of its kind", () => {
  const raw = Buffer.from([1, 2]);
  const cases: [RedisWrite<typeof Order>, unknown[]][] = [
    [{ kind: "string", key: "sku", value: "id" }, [["mset", "nut", "7"]]],
    [{ kind: "string", key: "sku", value: "raw", ttlMs: 50 }, [["set", "nut", raw, "PX", 50]]],
    [{ kind: "hash", key: () => "orders", field: "sku", value: "price" }, [["hset", "orders", "nut", 1.5]]],
    [{ kind: "hash", key: "sku", fields: ["id", "note", "rush"] }, [["hset", "nut", "id", "7", "rush", "1"]]],
    [{ kind: "hash", key: "sku", fields: ["note"] }, []],
    [{ kind: "hash", key: "sku", fields: ({ price }) => ({ double: price * 2 }) }, [["hset", "nut", "double", 3]]],
    [{ kind: "list", key: () => "l", value: "sku" }, [["rpush", "l", "nut"]]],
    [{ kind: "list", key: () => "l", value: "sku", side: "left" }, [["lpush", "l", "nut"]]],
    [{ kind: "set", key: () => "s", value: ({ sku }) => `${sku}!` }, [["sadd", "s", "nut!"]]],
    [{ kind: "sortedSet", key: () => "z", value: "sku", score: "price" }, [["zadd", "z", 1.5, "nut"]]],
    [
      { kind: "stream", key: () => "x", fields: ["sku"], lengthMax: 9 },
      [["xadd", "x", "MAXLEN", "~", 9, "*", "sku", "nut"]],
    ],
    [
      { kind: "commands", commands: ({ sku, id }) => [["INCRBY", sku, id], ["PING"]] },
      [["INCRBY", "nut", "7"], ["PING"]],
    ],
  ];
  for (const [write, commands] of cases) assert.deepEqual(commandsFor(write), commands, write.kind);
});

test("rows of one key are one command, and each knows whether it was refused", () => {
  const write = {
    kind: "set",
    key: ({ rush }: { rush: boolean }) => (rush ? "now" : "later"),
    value: "sku",
  } as const;
  const mapper = readWrite(new OptionReader("test", { write }, ["write"]), Order);
  const batch = new CommandBatch();
  const skus = ["a", "b", "c", "d"];
  for (const [k, sku] of skus.entries()) {
    batch.beginRow();
    mapper({ ...row, sku, rush: k % 2 === 0 }, batch);
    batch.endRow();
  }
  assert.deepEqual(batch.commands, [
    ["sadd", "now", "a", "c"],
    ["sadd", "later", "b", "d"],
  ]);
  const error = new Error("no");
  const refused = skus.map((_, k) => batch.refusalOf(k, [[null, 2], [error]])?.command[1] ?? null);
  assert.deepEqual(refused, [null, "later", null, "later"]);
});

test("a row of several commands is refused when one of them is; one of none never", () => {
  const write = {
    kind: "commands",
    commands: ({ sku }: { sku: string }) => (sku === "none" ? [] : [["INCR", sku], ["PING"]]),
  } as const;
  const mapper = readWrite(new OptionReader("test", { write }, ["write"]), Order);
  const batch = new CommandBatch();
  for (const sku of ["a", "none", "b"]) {
    batch.beginRow();
    mapper({ ...row, sku }, batch);
    batch.endRow();
  }
  assert.equal(batch.commands.length, 4);
  const replies: [Error | null][] = [[null], [null], [null], [new Error("no")]];
  assert.deepEqual(
    [0, 1, 2].map((k) => batch.refusalOf(k, replies) === null),
    [true, true, false],
  );
});

test("what Redis cannot keep fails its row, and says which value", () => {
  const bad = { code: "CONNECTOR_FAILED", message: /a value of "sku" that Redis cannot keep/ };
  assert.throws(() => commandsFor({ kind: "hash", key: () => "h", fields: ["sku"] }, { ...row, sku: {} }), bad);
  assert.throws(() => commandsFor({ kind: "string", key: "sku", value: "note" }), { code: "CONNECTOR_FAILED" });
});

test("mappers that make no sense are refused where they are made", () => {
  const bad = { code: "CONNECTOR_BAD_OPTION" };
  const wrong = [
    {},
    { kind: "strings", key: "sku", value: "id" },
    { kind: "string", value: "id" },
    { kind: "string", key: "nothing", value: "id" },
    { kind: "hash", key: "sku" },
    { kind: "hash", key: "sku", fields: [] },
    { kind: "hash", key: "sku", fields: ["nothing"] },
    { kind: "sortedSet", key: "sku", value: "id" },
    { kind: "string", key: "sku", value: "id", ttl: 5 },
    { kind: "string", key: "sku", value: "id", ttlMs: 0 },
    { kind: "commands" },
  ];
  for (const write of wrong) assert.throws(() => commandsFor(write as never), bad, JSON.stringify(write));
});

test("a look-up is one command, whose answer is told in words", () => {
  const reader = (read: object) => readRead(new OptionReader("test", { read }, ["read"]), Order);
  const key = () => "k";
  const cases: [object, unknown, unknown, unknown][] = [
    [{ kind: "string", key }, ["get", "k"], null, null],
    [{ kind: "hashField", key, field: "sku" }, ["hget", "k", "nut"], "v", "v"],
    [{ kind: "hash", key }, ["HGETALL", "k"], ["a", "1", "b", "2"], { a: "1", b: "2" }],
    [{ kind: "hash", key }, ["HGETALL", "k"], [], null],
    [{ kind: "list", key, countMax: 5 }, ["lrange", "k", 0, 4], ["a"], ["a"]],
    [{ kind: "set", key }, ["smembers", "k"], ["a"], ["a"]],
    [
      { kind: "sortedSet", key, countMax: 2, reverse: true },
      ["ZRANGE", "k", 0, 1, "REV", "WITHSCORES"],
      ["a", "inf", "b", "1.5"],
      [
        { member: "a", score: Number.POSITIVE_INFINITY },
        { member: "b", score: 1.5 },
      ],
    ],
    [
      { kind: "stream", key, reverse: true },
      ["XREVRANGE", "k", "+", "-", "COUNT", 1000],
      [["1-0", ["a", "1"]]],
      [{ id: "1-0", entry: { a: "1" } }],
    ],
  ];
  for (const [read, command, answer, found] of cases) {
    assert.deepEqual(reader(read).commandFor(row).command, command);
    assert.deepEqual(reader(read).found(answer), found);
  }
});

test("texts become the values that columns want, or say why not", () => {
  const column = (type: string) => fields(`a:${type}` as "a:string").columns[0]!;
  const read = (type: string, text: string) => valueFromText(column(type), Buffer.from(text));
  assert.deepEqual(
    [read("string", ""), read("int32", "-5"), read("float64", "1e3"), read("int64", "9007199254740993")],
    ["", -5, 1000, 9007199254740993n],
  );
  assert.deepEqual([read("bool", "true"), read("bool", "0"), read("any", "[1]")], [true, false, [1]]);
  assert.equal(valueFromText(column("int32?"), undefined), null);
  for (const [type, text] of [
    ["int32", "1.5"],
    ["int32", "4294967296"],
    ["int32", ""],
    ["float64", ""],
    ["float64", "x"],
    ["int64", "1n"],
    ["bool", "yes"],
    ["any", "{"],
  ] as const) {
    assert.throws(() => read(type, text), /its "a" is no/, `${type} of "${text}"`);
  }
  assert.throws(() => valueFromText(column("int32"), undefined), /it has no "a"/);
});

test("a JSON object becomes a row, or says why not", () => {
  const { columns } = fields("n:int32", "big:int64", "note:string?", "raw:bytes", "rest");
  const text = JSON.stringify({ n: 1, big: 2, raw: "AQI=", rest: { a: [] } });
  assert.deepEqual(valuesOfJson(columns, text), [1, 2n, null, Buffer.from([1, 2]), { a: [] }]);
  for (const bad of ["[]", "null", "x", '{"n":1}', '{"n":"1","big":2,"raw":"","rest":1}']) {
    assert.throws(() => valuesOfJson(columns, bad), /it is no JSON object|it has no|is no int32/, bad);
  }
});

test("a row without a key, or with a score that is no number, is refused", () => {
  const set = { kind: "set", value: "sku" } as const;
  for (const key of [null, undefined, true, {}, new Uint8Array(1)]) {
    assert.throws(() => commandsFor({ ...set, key: () => key as never }), { message: /a row has a key that/ });
  }
  assert.deepEqual(commandsFor({ ...set, key: () => 7 as never }), [["sadd", "7", "nut"]]);
  for (const score of [null, Number.NaN, "3", "x", true]) {
    const write = { kind: "sortedSet", key: () => "z", value: "sku", score: () => score as never } as const;
    assert.throws(() => commandsFor(write), { message: /a row has a score that/ });
  }
});

test("a name that every object has is missing where the message lacks it", () => {
  const { columns } = fields("constructor:any?");
  assert.deepEqual(valuesOfJson(columns, "{}"), [null]);
  assert.throws(() => valuesOfJson(fields("toString:any").columns, "{}"), /it has no "toString"/);
});

test("a row is refused when any of its commands is, the first as well as the last", () => {
  const batch = new CommandBatch();
  for (const key of ["a", "b"]) {
    batch.beginRow();
    batch.add(["incr", key]);
    batch.add(["expire", key, 1]);
    batch.endRow();
  }
  const refused = new Error("WRONGTYPE");
  for (let at = 0; at < 4; at++) {
    const replies = [0, 1, 2, 3].map((k) => [k === at ? refused : null, 1] as const);
    const rows = [0, 1].map((row) => batch.refusalOf(row, replies)?.command);
    const expected = [undefined, undefined] as unknown[];
    expected[at >> 1] = batch.commands[at];
    assert.deepEqual(rows, expected, `command ${at}`);
  }
});

test("names that every object inherits, or that set a prototype, are names like others", () => {
  const entry = recordOf(["__proto__", "1", "constructor", "2", "a", "3"]);
  assert.deepEqual(Object.entries(entry), [
    ["__proto__", "1"],
    ["constructor", "2"],
    ["a", "3"],
  ]);
  const { columns } = fields("constructor:any?", "toString:string?");
  assert.deepEqual(valuesOfJson(columns, '{"a": 1}'), [null, null]);
  assert.deepEqual(valuesOfJson(columns, '{"constructor": [1], "toString": "x"}'), [[1], "x"]);
});
