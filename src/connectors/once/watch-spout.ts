import { randomUUID } from "node:crypto";
import { EngineError } from "../../base/engine-error.ts";
import type { SpoutClass } from "../../component/component-schema.ts";
import type { SpoutCollector } from "../../component/output-collector.ts";
import { isFields, type Outputs } from "../../component/outputs.ts";
import type { TaskContext } from "../../component/task-context.ts";
import { type AttemptEnd, type SpoutWrapper, wrapSpout } from "../../component/wrap-spout.ts";
import type { Fields } from "../../tuple/field-types.ts";
import { type OncePlan, Outcome, withOnce } from "./once-options.ts";

/** The spout around `source` whose rows say what they are known by, and that tells how its attempts ended. */
export function watchSpout(
  source: SpoutClass<Outputs, []>,
  idOf: OncePlan["idOf"],
): SpoutClass<{ default: Fields; outcomes: typeof Outcome }, []> {
  const { rows, others } = streamsOf(source);
  return wrapSpout(source, {
    output: { ...others, default: withOnce(rows) as Fields, outcomes: Outcome },
    // An attempt that is cut off may go on in some bolt, and nobody hears when it is done.
    settles: true,
    wrap: (context, collector) => {
      if (context.config.acking === "off") throw untracked(`the topology has acking: "off"`, "leave that option out");
      return new Watch(rows, idOf, context, collector);
    },
  });
}

interface Attempt {
  readonly id: string;
  readonly token: string;
}

/** One task of a watched spout: gives each attempt its token, and tells the gate how it ended. */
class Watch implements SpoutWrapper {
  readonly #names: readonly string[];
  readonly #idOf: OncePlan["idOf"];
  readonly #collector: Pick<SpoutCollector<{ outcomes: typeof Outcome }>, "emitTo">;
  readonly #component: string;
  /** By the id that the spout gave its tuple: the attempt under way. */
  readonly #attempts = new Map<unknown, Attempt>();
  /** Of this instance, in any process: what it emits again after a crash is not taken for what was emitted before. */
  readonly #instance = randomUUID();
  #emits = 0;

  constructor(
    rows: Fields,
    idOf: OncePlan["idOf"],
    context: TaskContext,
    collector: Pick<SpoutCollector<{ outcomes: typeof Outcome }>, "emitTo">,
  ) {
    this.#names = rows.columns.map(({ name }) => name);
    this.#idOf = idOf;
    this.#collector = collector;
    this.#component = context.component;
  }

  emitting(values: readonly unknown[], id: unknown, attempt: number): readonly unknown[] {
    if (id === undefined || id === null) {
      throw untracked(
        `"${this.#component}" emits a tuple without an id`,
        "watch what replaying(...) makes of it, or emit with ids: once follows the outcome of each tuple's tree",
      );
    }
    if (this.#attempts.has(id)) {
      throw new EngineError("ONCE_BAD_SOURCE", {
        problem: `"${this.#component}" emits a tuple with the id of another one that is still under way`,
        remedy: "give each tuple an id of its own, and emit it again only when it has failed",
      });
    }
    const key = this.#keyOf(values);
    const token = `${this.#instance}.${this.#emits++}.${attempt}`;
    this.#attempts.set(id, { id: key, token });
    return [...values, key, token];
  }

  refused(id: unknown): void {
    this.#attempts.delete(id);
  }

  ended(id: unknown, { completed }: AttemptEnd): void {
    const attempt = this.#attempts.get(id);
    // Emitted by an instance before this one: its lease runs out.
    if (attempt === undefined) return;
    this.#attempts.delete(id);
    this.#collector.emitTo("outcomes", [attempt.id, attempt.token, completed]);
  }

  #keyOf(values: readonly unknown[]): string {
    const row = Object.fromEntries(this.#names.map((name, k) => [name, values[k]]));
    const key = this.#idOf(row);
    if (typeof key === "string" || typeof key === "bigint" || Number.isFinite(key)) return String(key);
    throw new EngineError("ONCE_BAD_ID", {
      problem: `the id of a row of "${this.#component}" is no text and no number`,
      facts: { given: key === null ? "null" : typeof key },
      remedy: "let the option id give a string, a number or a bigint for every row",
    });
  }
}

function streamsOf(source: unknown): { rows: Fields; others: Readonly<Record<string, Fields>> } {
  const { style, output } = (source ?? {}) as { style?: unknown; output?: Outputs };
  const streams = isFields(output) ? { default: output } : ((output ?? {}) as Readonly<Record<string, Fields>>);
  const rows = streams.default;
  if (typeof source === "function" && style === "spout" && isFields(rows)) return { rows, others: streams };
  throw new EngineError("ONCE_BAD_SOURCE", {
    problem: "watch is given something that is no spout with a plain default stream",
    facts: { given: typeof source },
    remedy: "give it a spout class, such as what replaying(...) or kafkaSpout(...) makes",
  });
}

function untracked(problem: string, remedy: string): EngineError {
  return new EngineError("ONCE_UNTRACKED", { problem: `once cannot follow a tuple: ${problem}`, remedy });
}
