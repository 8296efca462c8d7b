import type { OptionDefinition } from "./option-definition.ts";
import { type OptionName, optionDefinition } from "./option-table.ts";

/** Whether an option may have this value. */
export function isAllowedValue(name: OptionName, value: unknown): boolean {
  const definition = optionDefinition(name);
  if (value === null) return definition.nullable === true;
  if (definition.type === "path") return typeof value === "string" && value !== "" && !value.includes("\0");
  if (typeof value === "string") return definition.words?.includes(value) ?? false;
  if (typeof value !== "number" || definition.type === "word") return false;
  if (definition.type === "integer" ? !Number.isSafeInteger(value) : !Number.isFinite(value)) return false;
  if (value < (definition.min ?? Number.NEGATIVE_INFINITY) || value > (definition.max ?? Number.POSITIVE_INFINITY))
    return false;
  return definition.powerOfTwo !== true || Number.isInteger(Math.log2(value));
}

/** What an option may be, for people: `"auto", or an integer from 1 to 256 (threads)`. */
export function describeAllowed(name: OptionName): string {
  const definition = optionDefinition(name);
  const parts = (definition.words ?? []).map((word) => `"${word}"`);
  if (definition.type === "path") parts.push("a path");
  else if (definition.type !== "word") parts.push(describeRange(definition));
  if (definition.nullable === true) parts.push("null");
  return parts.length === 1 ? parts[0]! : `${parts.slice(0, -1).join(", ")} or ${parts.at(-1)}`;
}

function describeRange(definition: OptionDefinition): string {
  const noun =
    definition.powerOfTwo === true ? "a power of two" : definition.type === "integer" ? "an integer" : "a number";
  const unit = definition.unit === null ? "" : ` (${definition.unit})`;
  return `${noun} from ${definition.min} to ${definition.max}${unit}`;
}
