import type { Fields, Names, Row } from "../../tuple/field-types.ts";
import type { OptionReader } from "../shared/option-reader.ts";
import type { CommandBatch } from "./command-batch.ts";
import type { RedisArgument } from "./redis-link.ts";
import {
  type AnyRow,
  argumentOf,
  keyOf,
  type Of,
  type RedisValue,
  readOf,
  refuseOthers,
  scoreOf,
} from "./redis-values.ts";

/** A command as a mapper writes it: a name and what it takes. */
export type CommandOf = readonly [name: string, ...values: RedisValue[]];

/**
 * What a row becomes in Redis. All but lists, streams and commands give the same when they are written twice. Rows of
 * a batch that go to one key, or that are strings, are sent as one command with many values.
 */
export type RedisWrite<F extends Fields> =
  /** MSET key value, or SET key value PX ttlMs. */
  | {
      readonly kind: "string";
      readonly key: Of<F, string>;
      readonly value: Of<F, RedisValue>;
      readonly ttlMs?: number;
    }
  /** HSET key field value. */
  | {
      readonly kind: "hash";
      readonly key: Of<F, string>;
      readonly field: Of<F, RedisValue>;
      readonly value: Of<F, RedisValue>;
    }
  /** HSET key with these fields of the row, or with what a function says; nulls are left out. */
  | { readonly kind: "hash"; readonly key: Of<F, string>; readonly fields: FieldsOf<F> }
  /** RPUSH key value, or LPUSH. */
  | {
      readonly kind: "list";
      readonly key: Of<F, string>;
      readonly value: Of<F, RedisValue>;
      readonly side?: "left" | "right";
    }
  /** SADD key value. */
  | { readonly kind: "set"; readonly key: Of<F, string>; readonly value: Of<F, RedisValue> }
  /** ZADD key score value. */
  | {
      readonly kind: "sortedSet";
      readonly key: Of<F, string>;
      readonly value: Of<F, RedisValue>;
      readonly score: Of<F, number>;
    }
  /** XADD key * with these fields of the row; the stream keeps about `lengthMax` entries, if that is given. */
  | {
      readonly kind: "stream";
      readonly key: Of<F, string>;
      readonly fields: FieldsOf<F>;
      readonly lengthMax?: number;
    }
  /** Any commands: none, one or several. A row is stored when all of them have been answered. */
  | { readonly kind: "commands"; readonly commands: (row: Row<F>) => readonly CommandOf[] };

/** Names of fields, or a function that gives names and values. */
export type FieldsOf<F extends Fields> =
  | readonly Names<F>[]
  | ((row: Row<F>) => Readonly<Record<string, RedisValue | null>>);

/** Adds the commands of a row to those of its batch. */
export type WriteMapper = (row: AnyRow, batch: CommandBatch) => void;

const KINDS = ["string", "hash", "list", "set", "sortedSet", "stream", "commands"] as const;
const SETTINGS = ["kind", "key", "value", "field", "fields", "score", "side", "ttlMs", "lengthMax", "commands"];
/** What each kind is told. */
const OF_KIND: Readonly<Record<(typeof KINDS)[number], readonly string[]>> = {
  string: ["key", "value", "ttlMs"],
  hash: ["key", "field", "value", "fields"],
  list: ["key", "value", "side"],
  set: ["key", "value"],
  sortedSet: ["key", "value", "score"],
  stream: ["key", "fields", "lengthMax"],
  commands: ["commands"],
};

/** @throws EngineError CONNECTOR_BAD_OPTION */
export function readWrite(options: OptionReader, { columns }: Fields): WriteMapper {
  const write = options.group("write", SETTINGS);
  const names = columns.map(({ name }) => name);
  if (!write.has("kind")) throw write.bad("kind", KINDS);
  const kind = write.word("kind", KINDS, "string");
  refuseOthers(write, SETTINGS, ["kind", ...OF_KIND[kind]], kind);
  if (kind === "hash" && write.has("fields")) refuseOthers(write, ["field", "value"], [], "hash, and fields");
  if (kind === "commands") return commandsMapper(write);
  const key = readOf(write, "key", names);
  const mapper = MAPPERS[kind](write, names);
  return (row, batch) => mapper(keyOf(key(row)), row, batch);
}

type KeyedMapper = (key: string, row: AnyRow, batch: CommandBatch) => void;
type MakeMapper = (write: OptionReader, names: readonly string[]) => KeyedMapper;

const MAPPERS: Readonly<Record<Exclude<(typeof KINDS)[number], "commands">, MakeMapper>> = {
  string: (write, names) => {
    const value = readOf(write, "value", names);
    if (!write.has("ttlMs")) {
      return (key, row, batch) => batch.addPair("mset", null, key, argumentOf(value(row), "a value"));
    }
    const ttlMs = write.whole("ttlMs", { min: 1, byDefault: 1 });
    return (key, row, batch) => batch.add(["set", key, argumentOf(value(row), "a value"), "PX", ttlMs]);
  },
  hash: (write, names) => {
    if (write.has("fields")) {
      const entries = readFields(write, names);
      return (key, row, batch) => {
        const pairs = entries(row);
        if (pairs.length > 0) batch.add(["hset", key, ...pairs]);
      };
    }
    const field = readOf(write, "field", names);
    const value = readOf(write, "value", names);
    return (key, row, batch) =>
      batch.addPair("hset", key, argumentOf(field(row), "a field"), argumentOf(value(row), "a value"));
  },
  list: (write, names) => {
    const value = readOf(write, "value", names);
    const push = write.word("side", ["left", "right"], "right") === "left" ? "lpush" : "rpush";
    return (key, row, batch) => batch.addOne(push, key, argumentOf(value(row), "a value"));
  },
  set: (write, names) => {
    const value = readOf(write, "value", names);
    return (key, row, batch) => batch.addOne("sadd", key, argumentOf(value(row), "a value"));
  },
  sortedSet: (write, names) => {
    const value = readOf(write, "value", names);
    const score = readOf(write, "score", names);
    return (key, row, batch) => batch.add(["zadd", key, scoreOf(score(row)), argumentOf(value(row), "a value")]);
  },
  stream: (write, names) => {
    const entries = readFields(write, names);
    const lengthMax = write.has("lengthMax") ? write.whole("lengthMax", { min: 1, byDefault: 1 }) : null;
    const trim = lengthMax === null ? [] : ["MAXLEN", "~", lengthMax];
    return (key, row, batch) => batch.add(["xadd", key, ...trim, "*", ...entries(row)]);
  },
};

function commandsMapper(write: OptionReader): WriteMapper {
  const make = write.callback<(row: AnyRow) => readonly CommandOf[]>("commands");
  if (make === null) throw write.bad("commands", "a function of the row");
  return (row, batch) => {
    const commands = make(row).map(([name, ...values]): [string, ...RedisArgument[]] => [
      name,
      ...values.map((value) => argumentOf(value, "a command with something")),
    ]);
    for (const command of commands) batch.add(command);
  };
}

/** Names and values in turn, as HSET and XADD take them. */
function readFields(write: OptionReader, names: readonly string[]): (row: AnyRow) => (string | number | Buffer)[] {
  const given = write.given("fields");
  const isList = Array.isArray(given) && given.length > 0 && given.every((name) => names.includes(name));
  if (typeof given !== "function" && !isList) {
    throw write.bad("fields", `a function of the row, or a list of fields: ${names.join(", ")}`);
  }
  const entriesOf: (row: AnyRow) => AnyRow =
    typeof given === "function"
      ? (given as (row: AnyRow) => AnyRow)
      : (row) => Object.fromEntries((given as string[]).map((name) => [name, row[name]]));
  return (row) =>
    Object.entries(entriesOf(row)).flatMap(([name, value]) =>
      value === null || value === undefined ? [] : [name, argumentOf(value, `a value of "${name}"`)],
    );
}
