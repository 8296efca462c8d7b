import { EngineError } from "../base/engine-error.ts";
import { nearestName } from "../base/nearest-name.ts";
import { isFields } from "../component/outputs.ts";
import type { ComponentSpec, TopologySpec } from "../topology/topology-spec.ts";
import type { FieldSpec } from "../tuple/field-spec.ts";
import type { TraceEvent } from "./trace.ts";

/** What is asked of a recording: the rows of a component, of all its streams or inputs or of one of them. */
export interface Question {
  readonly kind: "emit" | "execute";
  readonly component: string;
  /** Fields, for objects with these fields; else the name of a stream or input. */
  readonly as: unknown;
  readonly place: string | undefined;
}

/**
 * The rows that a component emitted or executed: lists of values, or objects if fields are given.
 *
 * @throws EngineError SIMULATION_UNKNOWN_NAME, SIMULATION_FIELDS_DIFFER
 */
export function rowsOf(events: readonly TraceEvent[], spec: TopologySpec, question: Question): unknown[] {
  const { kind, component: id } = question;
  const fields = isFields(question.as) ? question.as : null;
  const place = fields === null ? (question.as as string | undefined) : question.place;
  const component = findNamed("component", id, new Map(spec.components.map((it) => [it.id, it])));
  const places = placesOf(component, kind);
  const what = kind === "emit" ? `stream of "${id}"` : `input of "${id}"`;
  if (place !== undefined) findNamed(what, place, places);
  const wanted = events.filter(
    (event) => event.what === kind && event.component === id && (place === undefined || event.place === place),
  );
  if (fields === null) return wanted.map(({ values }) => [...values]);
  const readers = new Map<string, (values: readonly unknown[]) => object>();
  for (const [name, columns] of places) {
    if (place === undefined || place === name)
      readers.set(name, readerFor(`${what} "${name}"`, columns, fields.columns));
  }
  return wanted.map((event) => readers.get(event.place)!(event.values));
}

function placesOf({ outputs, inputs }: ComponentSpec, kind: Question["kind"]): Map<string, readonly FieldSpec[]> {
  if (kind === "execute") return new Map(Object.entries(inputs));
  return new Map(Object.entries(outputs).map(([stream, { fields }]) => [stream, fields]));
}

function readerFor(what: string, columns: readonly FieldSpec[], wanted: readonly FieldSpec[]) {
  const found = wanted.map((field) => {
    const index = columns.findIndex(({ name, type }) => name === field.name && type === field.type);
    if (index >= 0) return [field.name, index] as const;
    throw new EngineError("SIMULATION_FIELDS_DIFFER", {
      problem: `the ${what} does not carry a field "${field.name}" of type ${field.type}`,
      facts: { fields: columns.map(({ name, type }) => `${name}:${type}`) },
      remedy: "ask with the fields that the component declares, or some of them, or name another stream or input",
    });
  });
  return (values: readonly unknown[]) => Object.fromEntries(found.map(([name, index]) => [name, values[index]]));
}

function findNamed<T>(what: string, name: string, among: ReadonlyMap<string, T>): T {
  const found = among.get(name);
  if (found !== undefined) return found;
  const nearest = nearestName(name, among.keys());
  throw new EngineError("SIMULATION_UNKNOWN_NAME", {
    problem: `there is no ${what} named "${name}"`,
    facts: { declared: [...among.keys()] },
    remedy: nearest === null ? "name one that is declared" : `ask for "${nearest}"`,
  });
}
