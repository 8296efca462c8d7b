import { benchmark, type Side } from "../harness/benchmark.ts";
import { type MicroParams, microParams, microSide } from "../harness/micro.ts";
import { STRINGS_NON_ASCII, STRINGS_REPEATED, STRINGS_UNIQUE, stringSource } from "../input/string-source.ts";
import { codecOf } from "./codec-of.ts";
import { BATCH_ROWS } from "./columns.ts";

/**
 * Batches of 256 strings of each kind, as in `micro-codec`:
 *
 *     [strings] -- BatchWriter.prepare, write --> [frame] -- BatchReader.read --> [strings]      threads: 1
 */
export const microStrings = benchmark({
  name: "micro-strings",
  question: "What does a string cost to write and to read: short, long, repeated, unique, not ASCII?",
  unit: "ns/string",
  coresNeeded: 1,
  rounds: 3,
  params: microParams,
  sides: {
    ...writeAndRead("short", "3 characters", () => drawn(STRINGS_REPEATED).map((text) => text.slice(0, 3))),
    ...writeAndRead("long", "1,000 characters", () => drawn(STRINGS_REPEATED).map((text) => text.repeat(100))),
    ...writeAndRead("repeated", "10 characters, one of 8 strings", () => repeated()),
    ...writeAndRead("unique", "16 characters, all different", () => drawn(STRINGS_UNIQUE)),
    ...writeAndRead("nonAscii", "10 units, not ASCII", () => drawn(STRINGS_NON_ASCII)),
  },
  bars: [],
});

function writeAndRead(name: string, title: string, strings: () => string[]): Record<string, Side<MicroParams>> {
  return {
    [`${name}Write`]: microSide(`write ${title}`, () => codecOf("string", strings()).write),
    [`${name}Read`]: microSide(`read ${title}`, () => codecOf("string", strings()).read),
  };
}

function drawn(kind: number): string[] {
  const source = stringSource(kind);
  return Array.from({ length: BATCH_ROWS }, () => source.next());
}

function repeated(): string[] {
  const few = drawn(STRINGS_REPEATED).slice(0, 8);
  return Array.from({ length: BATCH_ROWS }, (_, row) => few[row % few.length]!);
}
