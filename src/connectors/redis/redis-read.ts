import type { Fields } from "../../tuple/field-types.ts";
import type { OptionReader } from "../shared/option-reader.ts";
import type { RedisCommand } from "./redis-link.ts";
import { type AnyRow, argumentOf, keyOf, type Of, type RedisValue, readOf, refuseOthers } from "./redis-values.ts";

/** A member of a sorted set. */
export interface ScoredMember {
  readonly member: string;
  readonly score: number;
}

/** An entry of a stream. */
export interface StreamEntry {
  readonly id: string;
  readonly entry: Readonly<Record<string, string>>;
}

/** What is looked up for a row. */
export type RedisRead<F extends Fields> =
  /** GET key: a text, or null. */
  | { readonly kind: "string"; readonly key: Of<F, string> }
  /** HGET key field: a text, or null. */
  | { readonly kind: "hashField"; readonly key: Of<F, string>; readonly field: Of<F, RedisValue> }
  /** HGETALL key: texts by name, or null where there is no such key. */
  | { readonly kind: "hash"; readonly key: Of<F, string> }
  /** LRANGE key: the first `countMax` texts. */
  | { readonly kind: "list"; readonly key: Of<F, string>; readonly countMax?: number }
  /** SMEMBERS key: texts, in no order. */
  | { readonly kind: "set"; readonly key: Of<F, string> }
  /** ZRANGE key: the `countMax` members with the least scores, or with the greatest by `reverse`. */
  | {
      readonly kind: "sortedSet";
      readonly key: Of<F, string>;
      readonly countMax?: number;
      readonly reverse?: boolean;
    }
  /** XRANGE key: the first `countMax` entries, or the last by `reverse`. */
  | { readonly kind: "stream"; readonly key: Of<F, string>; readonly countMax?: number; readonly reverse?: boolean };

/** What a look-up of each kind finds. */
export interface FoundByKind {
  readonly string: string | null;
  readonly hashField: string | null;
  readonly hash: Readonly<Record<string, string>> | null;
  readonly list: readonly string[];
  readonly set: readonly string[];
  readonly sortedSet: readonly ScoredMember[];
  readonly stream: readonly StreamEntry[];
}

/** A look-up of one row. */
export interface RowLookup {
  readonly key: string;
  readonly command: RedisCommand;
}

export interface ReadMapper {
  commandFor(row: AnyRow): RowLookup;
  /** What the answer of the server stands for. */
  found(value: unknown): unknown;
}

type Kind = keyof FoundByKind;
type MakeReader = (
  read: OptionReader,
  names: readonly string[],
) => { command: (key: string, row: AnyRow) => RedisCommand; found: (value: unknown) => unknown };

const KINDS = ["string", "hashField", "hash", "list", "set", "sortedSet", "stream"] as const satisfies Kind[];
const SETTINGS = ["kind", "key", "field", "countMax", "reverse"];
/** What each kind is told besides its key. */
const OF_KIND: Readonly<Record<Kind, readonly string[]>> = {
  string: [],
  hashField: ["field"],
  hash: [],
  list: ["countMax"],
  set: [],
  sortedSet: ["countMax", "reverse"],
  stream: ["countMax", "reverse"],
};

/** @throws EngineError CONNECTOR_BAD_OPTION */
export function readRead(options: OptionReader, { columns }: Fields): ReadMapper {
  const read = options.group("read", SETTINGS);
  const names = columns.map(({ name }) => name);
  if (!read.has("kind")) throw read.bad("kind", KINDS);
  const kind = read.word<Kind>("kind", KINDS, "string");
  refuseOthers(read, SETTINGS, ["kind", "key", ...OF_KIND[kind]], kind);
  const key = readOf(read, "key", names);
  const { command, found } = READERS[kind](read, names);
  return {
    commandFor(row) {
      const name = keyOf(key(row));
      return { key: name, command: command(name, row) };
    },
    found,
  };
}

/** Names in lower case are quicker for the library. In capitals it leaves the answer as the server gives it. */
const READERS: Readonly<Record<Kind, MakeReader>> = {
  string: () => ({ command: (key) => ["get", key], found: same }),
  hashField: (read, names) => {
    const field = readOf(read, "field", names);
    return { command: (key, row) => ["hget", key, argumentOf(field(row), "a field")], found: same };
  },
  hash: () => ({
    command: (key) => ["HGETALL", key],
    found: (value) => {
      const entry = recordOf(value as string[]);
      return Object.keys(entry).length === 0 ? null : entry;
    },
  }),
  list: (read) => {
    const last = countOf(read) - 1;
    return { command: (key) => ["lrange", key, 0, last], found: same };
  },
  set: () => ({ command: (key) => ["smembers", key], found: same }),
  sortedSet: (read) => {
    const last = countOf(read) - 1;
    const reverse = read.flag("reverse", false) ? ["REV"] : [];
    return {
      command: (key) => ["ZRANGE", key, 0, last, ...reverse, "WITHSCORES"],
      found: (value) => scoredMembers(value as string[]),
    };
  },
  stream: (read) => {
    const count = countOf(read);
    const isReverse = read.flag("reverse", false);
    return {
      command: (key) =>
        isReverse ? ["XREVRANGE", key, "+", "-", "COUNT", count] : ["XRANGE", key, "-", "+", "COUNT", count],
      found: (value) => (value as [string, string[]][]).map(([id, pairs]) => ({ id, entry: recordOf(pairs) })),
    };
  },
};

function same(value: unknown): unknown {
  return value;
}

function countOf(read: OptionReader): number {
  return read.whole("countMax", { min: 1, byDefault: 1000 });
}

const PLAIN = { configurable: true, enumerable: true, writable: true } as const;

/** Of names and values in turn. */
export function recordOf(pairs: readonly string[]): Record<string, string> {
  const entry: Record<string, string> = {};
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const name = pairs[at]!;
    // An assignment to this name would set a prototype.
    if (name === "__proto__") Object.defineProperty(entry, name, { ...PLAIN, value: pairs[at + 1]! });
    else entry[name] = pairs[at + 1]!;
  }
  return entry;
}

function scoredMembers(pairs: readonly string[]): ScoredMember[] {
  const members: ScoredMember[] = [];
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    members.push({ member: pairs[at]!, score: scoreOf(pairs[at + 1]!) });
  }
  return members;
}

/** Redis writes the infinities as "inf" and "-inf". */
function scoreOf(text: string): number {
  if (/^[+-]?inf/.test(text)) return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text);
}
