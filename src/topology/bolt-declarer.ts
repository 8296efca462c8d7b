import { EngineError } from "../base/engine-error.ts";
import { nearestName } from "../base/nearest-name.ts";
import type { CustomGroupingFactory, GroupingSpec } from "../grouping/grouping-spec.ts";
import { badSetting, checkSettings } from "./check-declaration.ts";
import { DeclaredComponent, DeclaredStream, type DraftComponent } from "./declared-component.ts";
import type { ComponentHandle } from "./stream-handle.ts";
import type {
  DirectSource,
  KeyNames,
  OptionsArgument,
  Source,
  SubscribeOptions,
  TypedGroupingFactory,
} from "./subscription-types.ts";

/**
 * A bolt as declared: subscribes to its sources, and stands for its own streams where others subscribe to it.
 *
 * Each grouping takes a handle or a component's id (then its default stream). `{ as: "orders" }` names the input of a
 * bolt that has several; `{ feedback: true }` marks the subscription that closes a cycle.
 */
export interface BoltDeclarer<I, O> extends ComponentHandle<O> {
  /** Each tuple to one task, strictly in turn. */
  shuffleGrouping<P, const A extends SubscribeOptions<I>>(
    from: Source<I, A, P>,
    ...options: OptionsArgument<I, A>
  ): this;
  /** Equal values in the named fields to the same task. */
  fieldsGrouping<P, const A extends SubscribeOptions<I>>(
    from: Source<I, A, P>,
    names: KeyNames<P>,
    ...options: OptionsArgument<I, A>
  ): this;
  /** Equal values in the named fields to one of the same two tasks, the less used one. */
  partialKeyGrouping<P, const A extends SubscribeOptions<I>>(
    from: Source<I, A, P>,
    names: KeyNames<P>,
    ...options: OptionsArgument<I, A>
  ): this;
  /** Every tuple to every task. */
  allGrouping<P, const A extends SubscribeOptions<I>>(from: Source<I, A, P>, ...options: OptionsArgument<I, A>): this;
  /** Every tuple to the task with the lowest id. */
  globalGrouping<P, const A extends SubscribeOptions<I>>(
    from: Source<I, A, P>,
    ...options: OptionsArgument<I, A>
  ): this;
  /** Each tuple to a task chosen at random. */
  noneGrouping<P, const A extends SubscribeOptions<I>>(
    from: Source<I, A, P>,
    ...options: OptionsArgument<I, A>
  ): this;
  /** Each tuple to the task that its producer names; for streams declared with `direct(...)`. */
  directGrouping<P, const A extends SubscribeOptions<I>>(
    from: DirectSource<I, A, P>,
    ...options: OptionsArgument<I, A>
  ): this;
  /** In turn to the tasks of the producer's worker while they keep up, else to others. */
  localOrShuffleGrouping<P, const A extends SubscribeOptions<I>>(
    from: Source<I, A, P>,
    ...options: OptionsArgument<I, A>
  ): this;
  /** Each tuple to the task with the fewest tuples waiting. */
  leastLoadedGrouping<P, const A extends SubscribeOptions<I>>(
    from: Source<I, A, P>,
    ...options: OptionsArgument<I, A>
  ): this;
  /** Each tuple to whichever tasks the user's own function chooses. */
  customGrouping<P, const A extends SubscribeOptions<I>>(
    from: Source<I, A, P>,
    factory: TypedGroupingFactory<P>,
    ...options: OptionsArgument<I, A>
  ): this;
}

/** The code behind BoltDeclarer. It trusts nothing that the types promise: programs may be plain JavaScript. */
export class DeclaredBolt extends DeclaredComponent {
  readonly #draft: DraftComponent;

  constructor(draft: DraftComponent) {
    super(draft);
    this.#draft = draft;
  }

  shuffleGrouping(from: unknown, options?: unknown): this {
    return this.#subscribe(from, { kind: "shuffle" }, options);
  }

  fieldsGrouping(from: unknown, names: unknown, options?: unknown): this {
    return this.#subscribe(from, { kind: "fields", fields: this.#checkKey("fieldsGrouping", names) }, options);
  }

  partialKeyGrouping(from: unknown, names: unknown, options?: unknown): this {
    return this.#subscribe(
      from,
      { kind: "partialKey", fields: this.#checkKey("partialKeyGrouping", names) },
      options,
    );
  }

  allGrouping(from: unknown, options?: unknown): this {
    return this.#subscribe(from, { kind: "all" }, options);
  }

  globalGrouping(from: unknown, options?: unknown): this {
    return this.#subscribe(from, { kind: "global" }, options);
  }

  noneGrouping(from: unknown, options?: unknown): this {
    return this.#subscribe(from, { kind: "none" }, options);
  }

  directGrouping(from: unknown, options?: unknown): this {
    return this.#subscribe(from, { kind: "direct" }, options);
  }

  localOrShuffleGrouping(from: unknown, options?: unknown): this {
    return this.#subscribe(from, { kind: "localOrShuffle" }, options);
  }

  leastLoadedGrouping(from: unknown, options?: unknown): this {
    return this.#subscribe(from, { kind: "leastLoaded" }, options);
  }

  customGrouping(from: unknown, factory: unknown, options?: unknown): this {
    if (typeof factory !== "function") {
      throw badSetting(
        `a custom grouping of bolt "${this.id}" has no factory`,
        { given: String(factory) },
        "give a function: (context) => ({ chooseTasks(values) { ... } })",
      );
    }
    return this.#subscribe(from, { kind: "custom", factory: factory as CustomGroupingFactory }, options);
  }

  #subscribe(from: unknown, grouping: GroupingSpec, options: unknown): this {
    const place = `a ${grouping.kind} grouping of bolt "${this.id}"`;
    checkSettings(place, options, ["as", "feedback"]);
    const { as, feedback } = (options ?? {}) as { as?: unknown; feedback?: unknown };
    if (feedback !== undefined && typeof feedback !== "boolean") {
      throw badSetting(
        `the feedback setting of ${place} is no boolean`,
        { given: String(feedback) },
        "give true, or leave it out",
      );
    }
    const { source, stream } = this.#resolveSource(from, place);
    this.#draft.subscriptions.push({
      source,
      stream,
      input: this.#chooseInput(as, place),
      grouping,
      feedback: feedback === true,
    });
    return this;
  }

  #resolveSource(from: unknown, place: string): { source: string; stream: string } {
    if (typeof from === "string") return { source: from, stream: "default" };
    if (from instanceof DeclaredStream && this.#draft.ownHandles.has(from)) {
      return { source: from.componentId, stream: from.streamId };
    }
    throw new EngineError("TOPOLOGY_UNKNOWN_SOURCE", {
      problem: `${place} has a source that is neither the id of a component nor a handle of this topology`,
      facts: { given: from === null ? "null" : typeof from },
      remedy: "give what setSpout, setBolt or setFeeder of this builder returned, one of its .stream(name), or an id",
    });
  }

  #chooseInput(as: unknown, place: string): string {
    const inputs = Object.keys(this.#draft.inputs);
    if (as === undefined && inputs.length === 1) return inputs[0]!;
    if (typeof as === "string" && inputs.includes(as)) return as;
    const nearest = typeof as === "string" ? nearestName(as, inputs) : null;
    throw new EngineError("TOPOLOGY_UNKNOWN_INPUT", {
      problem:
        as === undefined
          ? `${place} does not say which input it feeds`
          : `${place} feeds an input ${JSON.stringify(as)}, which the bolt does not declare`,
      facts: { inputs },
      remedy: `write { as: "${nearest ?? inputs[0]}" }${nearest === null ? ", or another of these inputs" : ""}`,
    });
  }

  #checkKey(method: string, names: unknown): readonly string[] {
    const key: readonly unknown[] = Array.isArray(names) ? names : [];
    const isKey = key.length > 0 && key.every((name) => typeof name === "string") && new Set(key).size === key.length;
    if (isKey) return Object.freeze([...key]) as readonly string[];
    throw new EngineError("TOPOLOGY_NO_KEY", {
      problem: `${method} of bolt "${this.id}" is not given a list of different field names`,
      facts: { given: Array.isArray(names) ? names : String(names) },
      remedy: `name the fields of the key: ${method}(source, ["word"]); for one task only use globalGrouping`,
    });
  }
}
