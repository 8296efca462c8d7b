// The nodes of the qtopology hop. That library makes them itself, by `create` of this module, in the same process.
import { foldString } from "../input/content-checksum.ts";
import { STRINGS_REPEATED, stringSource } from "../input/string-source.ts";

interface Hop {
  readonly tuples: number;
  readonly warmupTuples: number;
  readonly finish: (result: HopResult) => void;
}

export interface HopResult {
  readonly seen: number;
  readonly checksum: number;
  readonly seconds: number;
}

type Done = (error?: Error) => void;
type Next = (error: Error | null, data: { text: string } | null, stream: string | null) => void;

let hop: Hop | null = null;

/** What the next nodes shall carry; resolves when the sink has seen all of it. */
export function beginHop(params: { tuples: number; warmupTuples: number }): Promise<HopResult> {
  return new Promise((finish) => {
    hop = { ...params, finish };
  });
}

export function create(kind: string): object {
  if (hop === null) throw new Error("qtopology made a node before a hop was begun");
  return kind === "spout" ? spoutOf(hop) : boltOf(hop);
}

/** The hooks that both kinds have; qtopology tells nodes with callbacks from others by their number of parameters. */
const node = {
  init: (_name: string, _config: unknown, _context: unknown, done: Done) => done(),
  heartbeat: () => undefined,
  shutdown: (done: Done) => done(),
};

function spoutOf({ tuples }: Hop): object {
  const source = stringSource(STRINGS_REPEATED);
  let sent = 0;
  const next = (emit: Next) => {
    if (sent === tuples) return emit(null, null, null);
    sent++;
    return emit(null, { text: source.next() }, null);
  };
  return { ...node, run: () => undefined, pause: () => undefined, next };
}

function boltOf({ tuples, warmupTuples, finish }: Hop): object {
  let [seen, checksum, startMs] = [0, 0, 0];
  const receive = (data: { text: string }, _stream: string, done: Done) => {
    checksum = foldString(checksum, data.text);
    if (++seen === warmupTuples) startMs = performance.now();
    if (seen === tuples) finish({ seen, checksum, seconds: (performance.now() - startMs) / 1_000 });
    done();
  };
  return { ...node, receive };
}
