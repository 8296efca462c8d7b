import { createHash, randomUUID } from "node:crypto";
import { EngineError } from "../../base/engine-error.ts";
import type { SpoutClass } from "../../component/component-schema.ts";
import type { SpoutCollector } from "../../component/output-collector.ts";
import { isFields, type Outputs } from "../../component/outputs.ts";
import type { TaskContext } from "../../component/task-context.ts";
import { type AttemptEnd, type SpoutWrapper, wrapSpout } from "../../component/wrap-spout.ts";
import type { Fields } from "../../tuple/field-types.ts";
import { type OncePlan, Outcome, withOnce } from "./once-options.ts";
import { writeToken } from "./once-token.ts";

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

/** A message of the spout, known for as long as it may be emitted again. */
interface Message {
  readonly id: string;
  /** Nobody else has it, in any process: a message that comes again after a crash is another one. */
  readonly name: string;
  /** How often it was emitted. */
  attempt: number;
  isUnderWay: boolean;
}

/** Longer ids are told apart by their hashes. */
const ID_CHARS_MAX = 256;
/** Messages that are remembered whose ids are no objects and that failed: the oldest are forgotten beyond that. */
const FAILED_MAX = 65_536;

/** One task of a watched spout: gives each attempt its token, and tells the gate how it ended. */
class Watch implements SpoutWrapper {
  readonly #names: readonly string[];
  readonly #idOf: OncePlan["idOf"];
  readonly #collector: Pick<SpoutCollector<{ outcomes: typeof Outcome }>, "emitTo">;
  readonly #component: string;
  readonly #messages = new MessagesById();
  readonly #instance = randomUUID();
  #count = 0;

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

  emitting(values: readonly unknown[], id: unknown): readonly unknown[] {
    if (id === undefined || id === null) {
      throw untracked(
        `"${this.#component}" emits a tuple without an id`,
        "watch what replaying(...) makes of it, or emit with ids: once follows the outcome of each tuple's tree",
      );
    }
    const known = this.#messages.get(id);
    if (known?.isUnderWay) {
      throw new EngineError("ONCE_BAD_SOURCE", {
        problem: `"${this.#component}" emits a tuple with the id of another one that is still under way`,
        remedy: "give each tuple an id of its own, and emit it again only when it has failed",
      });
    }
    const key = this.#keyOf(values);
    const isSame = known?.id === key;
    const message = isSame
      ? known
      : { id: key, name: `${this.#instance}.${this.#count++}`, attempt: 0, isUnderWay: false };
    message.attempt++;
    message.isUnderWay = true;
    this.#messages.set(id, message);
    return [...values, key, tokenOf(message)];
  }

  refused(id: unknown): void {
    this.#messages.delete(id);
  }

  ended(id: unknown, { completed }: AttemptEnd): void {
    const message = this.#messages.get(id);
    // Emitted by an instance before this one: its lease runs out.
    if (message?.isUnderWay !== true) return;
    if (completed) this.#messages.delete(id);
    else this.#messages.failed(id, message);
    this.#collector.emitTo("outcomes", [message.id, tokenOf(message), completed]);
  }

  #keyOf(values: readonly unknown[]): string {
    const row = Object.fromEntries(this.#names.map((name, k) => [name, values[k]]));
    const key = this.#idOf(row);
    if (typeof key === "string" || typeof key === "bigint" || Number.isFinite(key)) return shortOf(String(key));
    throw new EngineError("ONCE_BAD_ID", {
      problem: `the id of a row of "${this.#component}" is no text and no number`,
      facts: { given: key === null ? "null" : typeof key },
      remedy: "let the option id give a string, a number or a bigint for every row",
    });
  }
}

/** It travels with its row, which may fill a ring by itself, and is a key of the store: long ones are hashed. */
function shortOf(id: string): string {
  return id.length <= ID_CHARS_MAX ? id : `sha256:${createHash("sha256").update(id).digest("base64url")}`;
}

/** Messages by the ids that the spout gave them. It does not say which ones it gives up: they must not pile up. */
class MessagesById {
  readonly #byObject = new WeakMap<object, Message>();
  readonly #byValue = new Map<unknown, Message>();
  /** Of those that failed, by value, the oldest first. */
  readonly #failed = new Set<unknown>();

  get(id: unknown): Message | undefined {
    return isObject(id) ? this.#byObject.get(id) : this.#byValue.get(id);
  }

  set(id: unknown, message: Message): void {
    if (isObject(id)) {
      this.#byObject.set(id, message);
      return;
    }
    this.#byValue.set(id, message);
    this.#failed.delete(id);
  }

  delete(id: unknown): void {
    if (isObject(id)) this.#byObject.delete(id);
    else this.#byValue.delete(id);
  }

  /** It may be emitted again, or not. */
  failed(id: unknown, message: Message): void {
    message.isUnderWay = false;
    if (isObject(id)) return;
    this.#failed.add(id);
    if (this.#failed.size <= FAILED_MAX) return;
    const [oldest] = this.#failed;
    this.#failed.delete(oldest);
    this.#byValue.delete(oldest);
  }
}

function isObject(id: unknown): id is object {
  return (typeof id === "object" && id !== null) || typeof id === "function";
}

function tokenOf({ name, attempt }: Message): string {
  return writeToken({ message: name, attempt });
}

function streamsOf(source: unknown): { rows: Fields; others: Readonly<Record<string, Fields>> } {
  const { style, output } = (source ?? {}) as { style?: unknown; output?: Outputs };
  const streams = isFields(output) ? { default: output } : ((output ?? {}) as Readonly<Record<string, Fields>>);
  const rows = streams.default;
  if (Object.hasOwn(streams, "outcomes")) {
    throw new EngineError("ONCE_BAD_SOURCE", {
      problem: 'watch is given a spout that has a stream "outcomes" of its own',
      remedy: "give that stream another name",
    });
  }
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
