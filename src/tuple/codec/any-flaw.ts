import { ANY_DEPTH_MAX, ANY_VALUES_MAX, binaryKinds } from "./any-format.ts";

const binaryPrototypes = new Set<unknown>(binaryKinds.map((kind) => kind.prototype));
/** From this depth on the walk looks for a value among those around it; before, a cycle is not worth the search. */
const CYCLE_DEPTH_MIN = 16;

/**
 * Why a value cannot travel in an `any` column, as a phrase such as `a function at .handlers[2]`; null when it can.
 * Costs a walk over the value, and nothing for primitives.
 */
export function anyFlaw(value: unknown): string | null {
  if (typeof value !== "object") return primitiveFlaw(value);
  if (value === null) return null;
  const walk: Walk = { around: [], valuesLeft: ANY_VALUES_MAX };
  return objectFlaw(value, walk);
}

interface Walk {
  /** The objects around the one in hand, outermost first. */
  readonly around: object[];
  valuesLeft: number;
}

function primitiveFlaw(value: unknown): string | null {
  if (typeof value === "function") return "a function";
  if (typeof value === "symbol") return "a symbol";
  return null;
}

function valueFlaw(value: unknown, walk: Walk): string | null {
  if (typeof value !== "object") return primitiveFlaw(value);
  return value === null ? null : objectFlaw(value, walk);
}

function objectFlaw(value: object, walk: Walk): string | null {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Date.prototype || binaryPrototypes.has(prototype)) return null;
  const depth = walk.around.length;
  if (depth >= CYCLE_DEPTH_MIN && walk.around.includes(value)) return "a value that contains itself";
  if (depth >= ANY_DEPTH_MAX) return `a value nested deeper than ${ANY_DEPTH_MAX} levels`;
  if (--walk.valuesLeft < 0) return `more than ${ANY_VALUES_MAX} values in one`;
  walk.around.push(value);
  const flaw = contentsFlaw(value, prototype, walk);
  walk.around.pop();
  return flaw;
}

function contentsFlaw(value: object, prototype: unknown, walk: Walk): string | null {
  if (Array.isArray(value)) {
    return prototype === Array.prototype ? itemsFlaw(value, walk) : instanceFlaw(value);
  }
  if (prototype === Map.prototype) return entriesFlaw(value as Map<unknown, unknown>, walk);
  if (prototype === Set.prototype) return entriesFlaw(value as Set<unknown>, walk);
  if (!isPlain(prototype)) return instanceFlaw(value);
  for (const key of Object.keys(value)) {
    const flaw = valueFlaw((value as Record<string, unknown>)[key], walk);
    if (flaw !== null)
      return within(
        flaw,
        /^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`,
      );
  }
  return null;
}

/** Plain: made by `{}` or without a prototype, in this realm or another one. */
function isPlain(prototype: unknown): boolean {
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function itemsFlaw(items: readonly unknown[], walk: Walk): string | null {
  walk.valuesLeft -= items.length;
  if (walk.valuesLeft < 0) return `more than ${ANY_VALUES_MAX} values in one`;
  for (let i = 0; i < items.length; i++) {
    const flaw = valueFlaw(items[i], walk);
    if (flaw !== null) return within(flaw, `[${i}]`);
  }
  return null;
}

function entriesFlaw(entries: Map<unknown, unknown> | Set<unknown>, walk: Walk): string | null {
  for (const [key, value] of entries.entries()) {
    const flaw = valueFlaw(key, walk) ?? valueFlaw(value, walk);
    if (flaw !== null) return within(flaw, entries instanceof Map ? ".(map entry)" : ".(set member)");
  }
  return null;
}

function instanceFlaw(value: object): string {
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" ? `an instance of ${name}` : "an object with a prototype of its own";
}

/** Puts a step in front of the path of a flaw, "a function at .a[1]". */
function within(flaw: string, step: string): string {
  const at = flaw.indexOf(" at ");
  return at < 0 ? `${flaw} at ${step}` : `${flaw.slice(0, at)} at ${step}${flaw.slice(at + 4)}`;
}
