import { EngineError } from "../base/engine-error.ts";
import { nearestName } from "../base/nearest-name.ts";
import type { FieldSpec } from "../tuple/field-spec.ts";
import type { ComponentSpec, SubscriptionSpec } from "./topology-spec.ts";

/**
 * Compares what a component reads with what its streams carry. Sources, streams and inputs are known to exist.
 *
 * @throws EngineError TOPOLOGY_FIELD_MISMATCH, TOPOLOGY_UNKNOWN_FIELD, TOPOLOGY_KEY_TYPES_DIFFER
 */
export function checkSubscriptionFields(component: ComponentSpec, byId: ReadonlyMap<string, ComponentSpec>): void {
  let first: { readonly types: readonly string[]; readonly subscription: SubscriptionSpec } | null = null;
  for (const subscription of component.subscriptions) {
    const stream = byId.get(subscription.source)!.outputs[subscription.stream]!.fields;
    for (const field of component.inputs[subscription.input]!) checkField(component, subscription, field, stream);
    const types = checkKey(component, subscription, stream);
    if (subscription.grouping.kind !== "fields") continue;
    if (first === null) first = { types, subscription };
    else if (types.join() !== first.types.join()) throw keyTypesDiffer(component, first, { types, subscription });
  }
}

/** Whether every value of a stream's field is one that an input's field may hold. */
export function isReadableAs(from: FieldSpec, to: FieldSpec): boolean {
  if (to.type === "any") return true;
  const sameType = from.type === to.type || (from.type === "int32" && to.type === "float64");
  return sameType && (to.nullable || !from.nullable);
}

/** A field as its user wrote it. */
export function formatField({ name, type, nullable }: FieldSpec): string {
  return `${name}:${type}${nullable ? "?" : ""}`;
}

function describeStream({ source, stream }: SubscriptionSpec): string {
  return `stream "${stream}" of "${source}"`;
}

function checkField(
  component: ComponentSpec,
  subscription: SubscriptionSpec,
  wanted: FieldSpec,
  stream: readonly FieldSpec[],
): void {
  const carried = stream.find(({ name }) => name === wanted.name);
  if (carried !== undefined && isReadableAs(carried, wanted)) return;
  const from = describeStream(subscription);
  const reader = `${component.kind} "${component.id}"`;
  const facts = { stream: stream.map(formatField), input: component.inputs[subscription.input]!.map(formatField) };
  if (carried !== undefined) {
    throw new EngineError("TOPOLOGY_FIELD_MISMATCH", {
      problem: `${reader} reads "${formatField(wanted)}" from ${from}, which carries "${formatField(carried)}"`,
      facts,
      remedy: `declare "${formatField(carried)}" in the input, or emit "${formatField(wanted)}"`,
    });
  }
  const nearest = nearestName(
    wanted.name,
    stream.map(({ name }) => name),
  );
  throw new EngineError("TOPOLOGY_FIELD_MISMATCH", {
    problem: `${reader} reads the field "${wanted.name}" from ${from}, which does not carry it`,
    facts,
    remedy:
      nearest === null
        ? `emit "${formatField(wanted)}", or read another stream`
        : `read "${nearest}", or emit "${wanted.name}"`,
  });
}

/** The types of the key's columns; empty when the grouping has no key. */
function checkKey(component: ComponentSpec, subscription: SubscriptionSpec, stream: readonly FieldSpec[]): string[] {
  const { grouping } = subscription;
  if (grouping.kind !== "fields" && grouping.kind !== "partialKey") return [];
  const reader = `${component.kind} "${component.id}"`;
  return grouping.fields.map((name) => {
    const field = stream.find((candidate) => candidate.name === name);
    if (field !== undefined) return field.type;
    const names = stream.map((candidate) => candidate.name);
    const nearest = nearestName(name, names);
    throw new EngineError("TOPOLOGY_UNKNOWN_FIELD", {
      problem: `${reader} groups by "${name}", which ${describeStream(subscription)} does not have`,
      facts: { fields: names },
      remedy: nearest === null ? "group by one of these fields" : `group by "${nearest}"`,
    });
  });
}

interface KeyUse {
  readonly types: readonly string[];
  readonly subscription: SubscriptionSpec;
}

function keyTypesDiffer(component: ComponentSpec, first: KeyUse, second: KeyUse): EngineError {
  const describe = ({ types, subscription }: KeyUse) => `${describeStream(subscription)} by ${types.join(", ")}`;
  return new EngineError("TOPOLOGY_KEY_TYPES_DIFFER", {
    problem: `${component.kind} "${component.id}" is grouped by keys of different types: equal ones would not meet`,
    facts: { one: describe(first), other: describe(second) },
    remedy: "emit the key fields with the same types in the same order, or group one of the streams in another way",
  });
}
