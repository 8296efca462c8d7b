import { EngineError } from "../base/engine-error.ts";
import type { AnyTuple } from "../tuple/tuple.ts";
import { rowText } from "./row-diff.ts";

type Settled = "acked" | "failed";

/** What is told of a rich bolt's dealings with the tuples that it receives. */
export interface TupleAudit {
  received(tuple: AnyTuple): void;
  /** @param anchors as given to the emit: one tuple, or a list; undefined for an emit that has none by its name */
  emitted(anchors: unknown, isInExecute: boolean): void;
  settled(tuple: unknown, how: Settled): void;
}

/**
 * Holds a rich bolt to its duties: to ack or fail each tuple exactly once, and to anchor what it emits to tuples that
 * it still holds. It stands before the engine, and knows nothing of how that tracks trees.
 */
export class SettlementAudit implements TupleAudit {
  readonly #allowUnanchored: boolean;
  /** By tuple: how it was settled; null while it is open. In the order of receipt. */
  readonly #tuples = new Map<unknown, Settled | null>();
  readonly #failed: AnyTuple[] = [];
  #flaw: EngineError | null = null;

  constructor(settings: { readonly allowUnanchored: boolean }) {
    this.#allowUnanchored = settings.allowUnanchored;
  }

  received(tuple: AnyTuple): void {
    this.#tuples.set(tuple, null);
  }

  emitted(anchors: unknown, isInExecute: boolean): void {
    const list: readonly unknown[] = anchors === undefined ? [] : Array.isArray(anchors) ? anchors : [anchors];
    if (list.length === 0 && isInExecute && !this.#allowUnanchored) {
      this.#note("VERIFY_BAD_ANCHOR", {
        problem: "the bolt emits in execute without an anchor: nobody would replay the tuple when it is lost",
        remedy: "emit with the received tuple as first argument, or set allowUnanchored if that is meant",
      });
    }
    for (const anchor of list) {
      const how = this.#tuples.get(anchor);
      if (how === null) continue;
      const what = how === undefined ? "something that it never received" : `one that it has ${how}`;
      this.#note("VERIFY_BAD_ANCHOR", {
        problem: `the bolt anchors a tuple to ${what}`,
        facts: { anchor: describe(anchor) },
        remedy: "anchor to tuples as they were received, and ack them after the last emit that descends from them",
      });
    }
  }

  settled(tuple: unknown, how: Settled): void {
    const before = this.#tuples.get(tuple);
    if (before !== null) {
      const state = before === undefined ? "never received" : `already ${before}`;
      this.#note("VERIFY_SETTLED_TWICE", {
        problem: `the bolt has ${how} a tuple that it had ${state}`,
        facts: { tuple: describe(tuple) },
        remedy: "ack or fail each received tuple exactly once",
      });
      return;
    }
    this.#tuples.set(tuple, how);
    if (how === "failed") this.#failed.push(tuple as AnyTuple);
  }

  /** Rows that the bolt failed, by input. */
  failedRows(): Map<string, (readonly unknown[])[]> {
    const rows = new Map<string, (readonly unknown[])[]>();
    for (const { $ } of this.#failed) rows.set($.input, [...(rows.get($.input) ?? []), $.values]);
    return rows;
  }

  /** The first thing that was wrong so far; at the end, also what is still open. */
  flaw(isEnd: boolean): EngineError | null {
    const open = [...this.#tuples].filter(([, how]) => how === null).map(([tuple]) => describe(tuple));
    if (this.#flaw !== null || !isEnd || open.length === 0) return this.#flaw;
    return new EngineError("VERIFY_NOT_SETTLED", {
      problem: `the bolt has neither acked nor failed ${open.length} of the ${this.#tuples.size} tuples it received`,
      facts: { tuples: open.slice(0, SHOWN_MAX) },
      remedy: "ack each tuple when all that it leads to was emitted, at the latest in onFlush; fail what went wrong",
    });
  }

  #note(
    code: ConstructorParameters<typeof EngineError>[0],
    details: ConstructorParameters<typeof EngineError>[1],
  ): void {
    // Made here, so that its stack shows the call.
    this.#flaw ??= new EngineError(code, details);
  }
}

const SHOWN_MAX = 5;

function describe(tuple: unknown): string {
  const info = (tuple as Partial<AnyTuple> | null | undefined)?.$;
  return info === undefined ? String(tuple) : `${info.input} ${rowText(info.values)}`;
}

/** The collector, with an audit that hears of each call before the engine does. */
export function auditedCollector(collector: object, audit: TupleAudit, isInExecute: () => boolean): object {
  const anchored = (anchors: unknown) => audit.emitted(anchors, isInExecute());
  const hearBefore: Readonly<Record<string, (given: readonly unknown[]) => void>> = {
    emit: ([anchors]) => anchored(anchors),
    emitAndTell: ([anchors]) => anchored(anchors),
    emitTo: ([, anchors]) => anchored(anchors),
    emitToAndTell: ([, anchors]) => anchored(anchors),
    emitDirect: ([, , anchors]) => anchored(anchors),
    emitUnanchored: () => anchored(undefined),
    emitUnanchoredTo: () => anchored(undefined),
    ack: ([tuple]) => audit.settled(tuple, "acked"),
    fail: ([tuple]) => audit.settled(tuple, "failed"),
  };
  return new Proxy(collector, {
    get(target, key): unknown {
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      const hear = typeof key === "string" && Object.hasOwn(hearBefore, key) ? hearBefore[key]! : null;
      return (...given: readonly unknown[]) => {
        hear?.(given);
        return Reflect.apply(value, target, given);
      };
    },
  });
}
