import { EngineError } from "../base/engine-error.ts";
import { nearestName } from "../base/nearest-name.ts";
import { checkCycles } from "./check-cycles.ts";
import { checkDeclaredId, checkParallelism, checkUnusedId } from "./check-declaration.ts";
import { checkSubscriptionFields } from "./check-fields.ts";
import { componentName } from "./output-id.ts";
import type { ComponentSpec, SubscriptionSpec, TopologySpec } from "./topology-spec.ts";

/**
 * Finds every mistake that can be found before anything starts. Throws for the first one.
 *
 * @throws EngineError TOPOLOGY_ILLEGAL_ID, TOPOLOGY_DUPLICATE_ID, TOPOLOGY_BAD_PARALLELISM, TOPOLOGY_NO_SPOUT,
 *   TOPOLOGY_UNKNOWN_SOURCE, TOPOLOGY_UNKNOWN_STREAM, TOPOLOGY_UNKNOWN_INPUT, TOPOLOGY_DUPLICATE_SUBSCRIPTION,
 *   TOPOLOGY_DIRECT_MISMATCH, TOPOLOGY_UNKNOWN_FIELD, TOPOLOGY_FIELD_MISMATCH, TOPOLOGY_KEY_TYPES_DIFFER,
 *   TOPOLOGY_NO_INPUTS, TOPOLOGY_INPUT_NOT_FED, TOPOLOGY_UNDECLARED_CYCLE, TOPOLOGY_FEEDBACK_WITHOUT_CYCLE
 */
export function validateTopology(spec: TopologySpec): void {
  const byId = new Map<string, ComponentSpec>();
  for (const component of spec.components) {
    checkIds(component);
    checkUnusedId(component.id, (id) => byId.has(id));
    checkParallelism(component.id, component.parallelism);
    byId.set(component.id, component);
  }
  checkSources(spec);
  for (const component of spec.components) {
    for (const subscription of component.subscriptions) checkSubscription(component, subscription, byId);
    checkNoDuplicates(component);
    checkSubscriptionFields(component, byId);
    checkInputsFed(component);
  }
  checkCycles(spec.components);
}

/** A component as people call it: `bolt "count"`. */
export function nameOf(component: ComponentSpec): string {
  return `${component.kind} "${componentName(component.id)}"`;
}

function checkIds(component: ComponentSpec): void {
  checkDeclaredId("component", component.kind === "output" ? componentName(component.id) : component.id);
  for (const stream of Object.keys(component.outputs)) checkDeclaredId("stream", stream, component.id);
  for (const input of Object.keys(component.inputs)) checkDeclaredId("input", input, component.id);
}

function checkSources(spec: TopologySpec): void {
  if (spec.components.some(({ kind }) => kind === "spout" || kind === "feeder")) return;
  throw new EngineError("TOPOLOGY_NO_SPOUT", {
    problem: "the topology has no spout and no feeder, so nothing would ever happen in it",
    facts: { declared: spec.components.map(({ id }) => id) },
    remedy: "declare a source with setSpout or setFeeder",
  });
}

function checkSubscription(
  component: ComponentSpec,
  subscription: SubscriptionSpec,
  byId: ReadonlyMap<string, ComponentSpec>,
): void {
  const { source, stream, input, grouping } = subscription;
  const producer = byId.get(source);
  if (producer === undefined || producer.kind === "output") throw unknownSource(component, source, byId);
  const declared = Object.hasOwn(producer.outputs, stream) ? producer.outputs[stream] : undefined;
  if (declared === undefined) throw unknownStream(component, producer, stream);
  if (!Object.hasOwn(component.inputs, input)) throw unknownInput(component, input);
  const isDirect = grouping.kind === "direct";
  if (declared.direct === isDirect) return;
  const subscribes = `${nameOf(component)} subscribes by ${grouping.kind} grouping`;
  throw new EngineError("TOPOLOGY_DIRECT_MISMATCH", {
    problem: `${subscribes} to stream "${stream}" of "${source}", which is ${isDirect ? "not " : ""}direct`,
    remedy: isDirect
      ? `declare the stream with direct(...) in the output of "${source}", or choose another grouping`
      : "subscribe with directGrouping: the producer of a direct stream names each tuple's task itself",
  });
}

function unknownSource(
  component: ComponentSpec,
  source: string,
  byId: ReadonlyMap<string, ComponentSpec>,
): EngineError {
  const declared = [...byId.values()].filter(({ kind }) => kind !== "output").map(({ id }) => id);
  const nearest = nearestName(
    source,
    declared.filter((id) => id !== component.id),
  );
  return new EngineError("TOPOLOGY_UNKNOWN_SOURCE", {
    problem: `${nameOf(component)} subscribes to "${source}", which is not declared`,
    facts: { declared },
    remedy:
      nearest === null
        ? `declare "${source}", or subscribe to one of these`
        : `subscribe to "${nearest}", or declare "${source}"`,
  });
}

function unknownStream(component: ComponentSpec, producer: ComponentSpec, stream: string): EngineError {
  const streams = Object.keys(producer.outputs);
  const nearest = nearestName(stream, streams) ?? (streams.length === 1 ? streams[0]! : null);
  const declare = `declare the stream in the output of "${producer.id}"`;
  return new EngineError("TOPOLOGY_UNKNOWN_STREAM", {
    problem: `${nameOf(component)} subscribes to stream "${stream}" of "${producer.id}", which does not declare it`,
    facts: { streams },
    remedy: nearest === null ? declare : `subscribe to .stream("${nearest}"), or ${declare}`,
  });
}

function unknownInput(component: ComponentSpec, input: string): EngineError {
  const inputs = Object.keys(component.inputs);
  const nearest = nearestName(input, inputs);
  return new EngineError("TOPOLOGY_UNKNOWN_INPUT", {
    problem: `a subscription feeds input "${input}" of ${nameOf(component)}, which does not declare it`,
    facts: { inputs },
    remedy: nearest === null ? "name one of these inputs" : `write { as: "${nearest}" }`,
  });
}

function checkNoDuplicates(component: ComponentSpec): void {
  const seen = new Set<string>();
  for (const { source, stream, input } of component.subscriptions) {
    const key = JSON.stringify([source, stream, input]);
    if (seen.has(key)) {
      throw new EngineError("TOPOLOGY_DUPLICATE_SUBSCRIPTION", {
        problem: `${nameOf(component)} subscribes twice to stream "${stream}" of "${source}" as "${input}"`,
        remedy: "remove one of the two: every tuple would come in twice",
      });
    }
    seen.add(key);
  }
}

function checkInputsFed(component: ComponentSpec): void {
  if (component.kind !== "bolt") return;
  const { subscriptions } = component;
  if (subscriptions.every(({ feedback }) => feedback)) {
    throw new EngineError("TOPOLOGY_NO_INPUTS", {
      problem:
        subscriptions.length === 0
          ? `${nameOf(component)} subscribes to nothing`
          : `${nameOf(component)} subscribes only by feedback, so no tuple can ever reach it`,
      facts: { inputs: Object.keys(component.inputs) },
      remedy: "subscribe to a source with one of the groupings, such as .shuffleGrouping(lines)",
    });
  }
  for (const input of Object.keys(component.inputs)) {
    if (subscriptions.some((subscription) => subscription.input === input)) continue;
    throw new EngineError("TOPOLOGY_INPUT_NOT_FED", {
      problem: `nothing feeds the input "${input}" of ${nameOf(component)}`,
      facts: { inputs: Object.keys(component.inputs), fed: [...new Set(subscriptions.map((it) => it.input))] },
      remedy: `add a grouping with { as: "${input}" }, or take the input out of the bolt`,
    });
  }
}
