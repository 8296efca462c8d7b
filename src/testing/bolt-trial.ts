import { EngineError } from "../base/engine-error.ts";
import { invariant } from "../base/invariant.ts";
import { basicBolt } from "../component/basic-bolt.ts";
import { installCollector } from "../component/install-collector.ts";
import { DEFAULT_STREAM, isFields } from "../component/outputs.ts";
import { spout } from "../component/spout.ts";
import type { CreatedBolt, CreatedSpout } from "../engine/executor/create-instance.ts";
import { specOf } from "../topology/build-topology.ts";
import { TopologyBuilder } from "../topology/topology-builder.ts";
import type { TopologySpec } from "../topology/topology-spec.ts";
import { anyFingerprint } from "../tuple/any-value.ts";
import type { Fields } from "../tuple/field-types.ts";
import { TupleUtils } from "../tuple/tick-tuple.ts";
import type { AnyTuple } from "../tuple/tuple.ts";
import type { PlainCase } from "./bolt-case.ts";
import { type Rows, rowText } from "./row-diff.ts";
import { simulateSpec } from "./simulate.ts";
import type { Simulation } from "./simulation.ts";
import { auditedCollector, SettlementAudit } from "./tuple-audit.ts";
import type { AroundHook } from "./watch-hooks.ts";

/** One run of a bolt alone, and what makes it hard. */
export interface TrialSettings {
  /** For errors: what is special about it. */
  readonly name: string;
  readonly batching: "one row" | "all rows";
  readonly ending: "exhausted" | "drained" | "killed";
}

/** What a bolt did in a trial that it came through. */
export interface TrialResult {
  readonly emitted: ReadonlyMap<string, Rows>;
  readonly failed: ReadonlyMap<string, Rows>;
}

const BOLT = "bolt";

/** Room for one tuple behind every task: each further emit of an `execute` has to wait, and holds its task. */
const TINY = { batchRowsMax: 1, localQueueRowsMax: 1, localMarkRows: 1 };

interface ReceivedTuple {
  readonly tuple: AnyTuple;
  readonly prints: readonly number[];
}

/** Runs one bolt by itself: rows come from spouts of the trial, and what it emits is taken and recorded. */
export class BoltTrial {
  readonly #case: PlainCase;
  readonly #settings: TrialSettings;
  readonly #audit: SettlementAudit | null;
  /** Instances that trials of this verification were given so far. */
  readonly #known: WeakSet<object>;
  readonly #received: ReceivedTuple[] = [];
  #executing = 0;
  #cleanups = 0;
  #needsCleanup = false;
  #failure: EngineError | null = null;
  #simulation: Simulation<unknown> | null = null;

  constructor(plain: PlainCase, settings: TrialSettings, known: WeakSet<object>) {
    this.#case = plain;
    this.#settings = settings;
    this.#known = known;
    const { allowUnanchored = false } = plain.given;
    this.#audit = plain.declaration.style === "rich" ? new SettlementAudit({ allowUnanchored }) : null;
  }

  /** @throws EngineError VERIFY_... for whatever the bolt does wrong, but for what it emits */
  async run(): Promise<TrialResult> {
    const { ending, batching } = this.#settings;
    this.#simulation = simulateSpec<unknown>({
      spec: this.#buildSpec(),
      settings: { options: this.#case.given.options, config: TINY, workers: 1, autoAdvance: ending === "exhausted" },
      recording: {
        around: (spec, created) => (spec.id === BOLT ? this.#aroundHooksOf(created) : null),
        batchRowsOf: (component) => (batching === "one row" ? 1 : this.#rowsOf(component)),
      },
    });
    const failure = await this.#toEnd(this.#simulation);
    this.#check(failure);
    const emitted = new Map(
      Object.keys(this.#case.declaration.outputs).map((stream) => [
        stream,
        this.#simulation!.emittedBy(BOLT, stream) as Rows,
      ]),
    );
    return { emitted, failed: this.#audit?.failedRows() ?? new Map() };
  }

  async #toEnd(simulation: Simulation<unknown>): Promise<unknown> {
    const { ending } = this.#settings;
    try {
      if (ending !== "exhausted") await simulation.settle();
      if (ending === "drained") await simulation.drain();
      else if (ending === "killed") await simulation.kill();
      else await simulation.completed();
      return null;
    } catch (error) {
      return error;
    }
  }

  #buildSpec(): TopologySpec {
    const { bolt, declaration, given, input } = this.#case;
    const builder = new TopologyBuilder();
    const declared = builder.setBolt(BOLT, bolt, {
      config: given.config ?? {},
      create: given.create ?? (() => new (bolt as unknown as new () => object)()),
    });
    const names = [...input.keys()];
    const progress = { fed: 0 };
    // A bolt has each of its inputs connected, also those for which the case has no rows.
    for (const name of Object.keys(declaration.inputs)) if (!names.includes(name)) names.push(name);
    for (const [place, name] of names.entries()) {
      const rows = input.get(name) ?? [];
      const source = builder.setSpout(sourceId(name), this.#sourceOf(name, rows, { place, progress }));
      declared.shuffleGrouping(source as never, { as: name } as never);
    }
    for (const [stream, { direct }] of Object.entries(declaration.outputs)) {
      const readers = (given.readers ?? {}) as Readonly<Record<string, string>>;
      const reader = builder.setBolt(
        readers[stream] ?? `reader-${stream}`,
        basicBolt({ input: this.#streamFields(stream), execute() {} }),
      );
      const handle = declared.stream(stream as never) as never;
      if (direct) reader.directGrouping(handle);
      else reader.globalGrouping(handle);
    }
    return specOf(builder);
  }

  /** Feeds one input, when those before it are fed. */
  #sourceOf(name: string, rows: Rows, turn: { readonly place: number; readonly progress: { fed: number } }) {
    const { batching, ending } = this.#settings;
    const { place, progress } = turn;
    return spout({
      output: this.#inputFields(name),
      create: (_context, collector) => {
        let next = 0;
        return {
          nextTuple: () => {
            if (progress.fed < place) return "idle";
            if (next === rows.length) {
              progress.fed = Math.max(progress.fed, place + 1);
              return ending === "exhausted" ? "exhausted" : "idle";
            }
            const until = batching === "one row" ? next + 1 : rows.length;
            while (next < until) collector.emit(rows[next++] as never);
            return undefined;
          },
        };
      },
    });
  }

  #inputFields(name: string): Fields {
    const { input } = this.#case.bolt;
    return isFields(input) ? input : (input as Readonly<Record<string, Fields>>)[name]!;
  }

  #streamFields(stream: string): Fields {
    const { output } = this.#case.bolt;
    invariant(output !== undefined, "a bolt without output has no stream to read");
    const isSingle = isFields(output) || (output as { readonly kind?: unknown }).kind === "direct";
    const found =
      isSingle && stream === DEFAULT_STREAM ? output : (output as Readonly<Record<string, unknown>>)[stream];
    return isFields(found) ? found : (found as { readonly fields: Fields }).fields;
  }

  /** Rows of the batch in which all rows of a source go; null for anything that is no source. */
  #rowsOf(component: string): number | null {
    for (const [name, rows] of this.#case.input) if (sourceId(name) === component) return Math.max(1, rows.length);
    return 1;
  }

  #aroundHooksOf({ hooks: instance, collector }: CreatedSpout | CreatedBolt): AroundHook {
    if (this.#known.has(instance)) this.#failure ??= sharedInstance();
    this.#known.add(instance);
    let audited = collector as object;
    if (this.#audit !== null) {
      audited = auditedCollector(audited, this.#audit, () => this.#executing > 0);
      installCollector(instance, audited);
    }
    this.#countCleanups(instance);
    return (hook, given, proceed) => {
      const call = () => proceed(...given.map((value) => (value === collector ? audited : value)));
      if (hook === "execute" && !TupleUtils.isTick(given[0])) return this.#execute(given[0] as AnyTuple, call);
      const result = this.#guard({ hook }, call);
      // Functional bolts have their hooks only now.
      if (hook === "prepare") return whenSettled(result, () => this.#countCleanups(instance));
      return result;
    };
  }

  #execute(tuple: AnyTuple, call: () => unknown): unknown {
    this.#received.push({ tuple, prints: tuple.$.values.map(anyFingerprint) });
    this.#audit?.received(tuple);
    this.#executing++;
    const { input, values } = tuple.$;
    const done = () => {
      this.#executing--;
      if (this.#settings.ending === "killed") void this.#simulation?.kill().catch(() => {});
    };
    return whenSettled(this.#guard({ hook: "execute", input: `${input} ${rowText(values)}` }, call, done), done);
  }

  /** Notes what a hook throws, and passes it on. */
  #guard(facts: Readonly<Record<string, unknown>>, call: () => unknown, failed: () => void = () => {}): unknown {
    const note = (error: unknown): never => {
      failed();
      this.#failure ??= this.#failureOf(error, facts);
      throw error;
    };
    try {
      const result = call();
      return isPromise(result) ? result.then((value) => value, note) : result;
    } catch (error) {
      return note(error);
    }
  }

  #countCleanups(instance: object): void {
    const own = instance as { cleanup?: unknown };
    const { cleanup } = own;
    if (typeof cleanup !== "function" || COUNTED in cleanup) return;
    this.#needsCleanup = true;
    const counted = (...given: readonly unknown[]) => {
      this.#cleanups++;
      return Reflect.apply(cleanup, instance, given);
    };
    const value = Object.assign(counted, { [COUNTED]: true });
    Object.defineProperty(instance, "cleanup", { value, configurable: true, writable: true });
  }

  #check(failure: unknown): void {
    const trial = this.#settings.name;
    const flaw = this.#audit?.flaw(false) ?? null;
    if (flaw !== null) throw inTrial(flaw, trial);
    if (this.#failure !== null) throw inTrial(this.#failure, trial);
    if (failure !== null) throw inTrial(this.#failureOf(failure, {}), trial);
    const left = this.#settings.ending === "killed" ? null : (this.#audit?.flaw(true) ?? null);
    if (left !== null) throw inTrial(left, trial);
    this.#checkReceived();
    if (this.#needsCleanup && this.#cleanups !== 1) {
      throw new EngineError("VERIFY_CLEANUP", {
        problem: `cleanup of the bolt was called ${this.#cleanups} times`,
        facts: { trial },
        remedy: "leave the calling of cleanup to the engine, which does it once, after the last hook",
      });
    }
  }

  #checkReceived(): void {
    for (const { tuple, prints } of this.#received) {
      const { values, input } = tuple.$;
      const changed = values.findIndex((value, index) => anyFingerprint(value) !== prints[index]);
      if (changed < 0) continue;
      const field = this.#case.declaration.inputs[input]![changed]!.name;
      throw new EngineError("VERIFY_INPUT_CHANGED", {
        problem: `the bolt changed the value of field "${field}" of a tuple that it received`,
        facts: { trial: this.#settings.name, input: `${input} ${rowText(values)}` },
        remedy: "change a copy: on one thread, producer and other consumers see the same object",
      });
    }
  }

  #failureOf(error: unknown, facts: Readonly<Record<string, unknown>>): EngineError {
    const cause = error instanceof EngineError && error.code === "TASK_FAILED" ? error.cause : error;
    if (cause instanceof EngineError && cause.code === "TUPLE_MUTATED") {
      const { problem, remedy } = cause;
      return new EngineError("VERIFY_VALUE_CHANGED", { problem, facts: { ...facts, ...cause.facts }, remedy, cause });
    }
    const hook = facts.hook ?? (error instanceof EngineError ? error.facts.hook : undefined);
    return new EngineError("VERIFY_HOOK_FAILED", {
      problem: `${hook === undefined ? "the trial" : `${String(hook)} of the bolt`} failed`,
      facts: { ...facts, error: cause instanceof Error ? cause.message : String(cause) },
      remedy: "see the cause for the original error and its stack",
      cause,
    });
  }
}

const COUNTED = Symbol("counted");

function sourceId(input: string): string {
  return `source-${input}`;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function whenSettled(result: unknown, then: () => void): unknown {
  if (isPromise(result)) {
    return result.then((value) => {
      then();
      return value;
    });
  }
  then();
  return result;
}

function sharedInstance(): EngineError {
  return new EngineError("VERIFY_INSTANCE_SHARED", {
    problem: "create has given the same instance twice",
    remedy: "make a new one in each call: every task of a topology has an instance of its own",
  });
}

/** The same error, which also says in which trial it came up, and points at the same place. */
function inTrial(error: EngineError, trial: string): EngineError {
  const { code, problem, remedy, cause } = error;
  const told = new EngineError(code, { problem, facts: { trial, ...error.facts }, remedy, cause });
  const [, ...frames] = (error.stack ?? "").split("\n    at ");
  told.stack = [`${told.name}: ${told.message}`, ...frames].join("\n    at ");
  return told;
}
