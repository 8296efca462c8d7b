import { createHash } from "node:crypto";
import type { FieldSpec } from "../tuple/field-spec.ts";
import { formatField } from "./check-fields.ts";
import type { ComponentSpec, GroupingSpec, TopologySpec } from "./topology-spec.ts";

/** Text at the leaves, so that comparing and telling differences need not know what is compared. */
export type Declarations = { readonly [name: string]: string | Declarations };

/** So many differences are told; more say no more. */
const TOLD_MAX = 10;

/** All that a topology declares, and none of its code, as plain data that can be sent to another thread. */
export function declarationsOf(spec: TopologySpec): Declarations {
  return {
    component: Object.fromEntries(
      spec.components.map((component) => [component.id, declarationsOfComponent(component)]),
    ),
    "output port": spec.outputPorts,
    "feeder port": spec.feederPorts,
    "order of components": spec.components.map(({ id }) => id).join(", "),
  };
}

/** The same for all threads that declared the same, in 64 hexadecimal digits. */
export function topologyHash(spec: TopologySpec): string {
  return createHash("sha256")
    .update(canonicalText(declarationsOf(spec)))
    .digest("hex");
}

/**
 * What differs between two topologies, a sentence each; empty when nothing does.
 *
 * @param names what the two are called, such as `["main", "worker 1"]`
 */
export function describeDifference(
  a: TopologySpec | Declarations,
  b: TopologySpec | Declarations,
  names: readonly [string, string] = ["one", "the other"],
): readonly string[] {
  const told: string[] = [];
  compare({ a: toDeclarations(a), b: toDeclarations(b), path: [], names, told });
  return told.length <= TOLD_MAX ? told : [...told.slice(0, TOLD_MAX), `and ${told.length - TOLD_MAX} more`];
}

function toDeclarations(value: TopologySpec | Declarations): Declarations {
  return Array.isArray(value.components) ? declarationsOf(value as TopologySpec) : (value as Declarations);
}

function declarationsOfComponent(component: ComponentSpec): Declarations {
  const subscriptions = component.subscriptions.map(({ source, stream, input, grouping, feedback }) => [
    `${source}.${stream} as ${input}`,
    `${formatGrouping(grouping)}${feedback ? ", feedback" : ""}`,
  ]);
  return {
    kind: component.kind,
    parallelism: String(component.parallelism),
    stream: mapValues(
      component.outputs,
      ({ fields, direct }) => `${direct ? "direct " : ""}(${formatFields(fields)})`,
    ),
    input: mapValues(component.inputs, (fields) => `(${formatFields(fields)})`),
    subscription: Object.fromEntries(subscriptions),
    "order of subscriptions": subscriptions.map(([name]) => name).join(", "),
    config: mapValues(component.config, formatSetting),
    "failure policy": formatSetting(component.onError ?? {}),
    style: component.component?.style ?? "none",
  };
}

function mapValues<T>(record: Readonly<Record<string, T>>, use: (value: T) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, use(value)]));
}

function formatFields(fields: readonly FieldSpec[]): string {
  return fields.map(formatField).join(", ");
}

function formatGrouping(grouping: GroupingSpec): string {
  return "fields" in grouping ? `${grouping.kind} ${JSON.stringify(grouping.fields)}` : grouping.kind;
}

/** A setting may be a function or hold one: code is never compared, only that it is there. */
function formatSetting(value: unknown): string {
  const text = JSON.stringify(value, (_key, part: unknown) => {
    if (typeof part === "function") return "(function)";
    if (typeof part === "bigint") return `${part}n`;
    if (typeof part === "number" && !Number.isFinite(part)) return String(part);
    return part;
  });
  return text ?? String(value);
}

/** JSON with sorted keys: in what order a record was filled is no difference. */
function canonicalText(value: string | Declarations): string {
  if (typeof value === "string") return JSON.stringify(value);
  const entries = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalText(value[key]!)}`);
  return `{${entries.join(",")}}`;
}

interface Comparison {
  readonly a: string | Declarations | undefined;
  readonly b: string | Declarations | undefined;
  readonly path: readonly string[];
  readonly names: readonly [string, string];
  readonly told: string[];
}

function compare({ a, b, path, names, told }: Comparison): void {
  if (typeof a === "object" && typeof b === "object") {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const has = (side: Declarations) => (Object.hasOwn(side, key) ? side[key] : undefined);
      compare({ a: has(a), b: has(b), path: [...path, key], names, told });
    }
    return;
  }
  if (a === b) return;
  const place = formatPath(path);
  if (a === undefined) told.push(`${place} is declared in ${names[1]} only`);
  else if (b === undefined) told.push(`${place} is declared in ${names[0]} only`);
  else told.push(`${place} is ${leaf(a)} in ${names[0]} and ${leaf(b)} in ${names[1]}`);
}

/** `component "count", parallelism`: kinds and names take turns along the path. */
function formatPath(path: readonly string[]): string {
  return path
    .map((part, depth) => (depth % 2 === 1 ? `"${part}"` : depth === 0 ? part : `, ${part}`))
    .join(" ")
    .replaceAll(" ,", ",");
}

function leaf(value: string | Declarations): string {
  return typeof value === "string" ? value : "declared";
}
