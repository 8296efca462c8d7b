import { EngineError } from "../base/engine-error.ts";
import { nearestName } from "../base/nearest-name.ts";
import { describeAllowed, isAllowedValue } from "./check-value.ts";
import type { OptionScope } from "./option-definition.ts";
import { type OptionName, optionDefinition, optionNames } from "./option-table.ts";
import type { OptionValues } from "./option-values.ts";
import { type StormAlias, stormAliases, stormRefusalOf } from "./storm-options.ts";

/** Where a value came from, from the weakest to the strongest. */
export type ConfigLayer = "default" | OptionScope | "command line";

export interface ConfigLayers {
  readonly cluster?: object | undefined;
  readonly topology?: object | undefined;
  /** Given when the values of one component are wanted. */
  readonly component?: object | undefined;
  /** Names the component in errors. */
  readonly componentId?: string | undefined;
  /** As `parseSettings` made them. The command line may set every option, for all components at once. */
  readonly commandLine?: object | undefined;
}

/**
 * The value of every option: defaults < cluster < topology < component < command line, checked and frozen.
 * A value of undefined counts as not given.
 *
 * @throws EngineError CONFIG_UNKNOWN_OPTION, CONFIG_INVALID_VALUE, CONFIG_WRONG_LAYER, CONFIG_DUPLICATE_OPTION,
 *   CONFIG_STORM_UNSUPPORTED, CONFIG_CONFLICT
 */
export function resolveConfig(layers: ConfigLayers = {}): OptionValues {
  const values: Partial<Record<OptionName, unknown>> = {};
  const origins: Partial<Record<OptionName, ConfigLayer>> = {};
  for (const name of optionNames) values[name] = optionDefinition(name).default;
  const given: [ConfigLayer, object | undefined][] = [
    ["cluster", layers.cluster],
    ["topology", layers.topology],
    ["component", layers.component],
    ["command line", layers.commandLine],
  ];
  for (const [layer, settings] of given) {
    if (settings === undefined) continue;
    const place =
      layer === "component" && layers.componentId !== undefined ? `component "${layers.componentId}"` : layer;
    for (const [name, value] of readLayer({ layer, place, settings })) {
      values[name] = value;
      origins[name] = layer;
    }
  }
  const resolved = values as unknown as OptionValues;
  checkTogether(resolved, origins);
  return Object.freeze(resolved);
}

interface LayerReading {
  readonly layer: ConfigLayer;
  /** The layer for people: with the component's id, if it is one. */
  readonly place: string;
  readonly settings: object;
}

function readLayer(reading: LayerReading): Map<OptionName, unknown> {
  const { place, settings } = reading;
  if (settings === null || typeof settings !== "object" || Array.isArray(settings)) {
    throw new EngineError("CONFIG_INVALID_VALUE", {
      problem: `the settings of the ${place} are no object of options`,
      facts: { value: settings, allowed: "an object such as { messageTimeoutMs: 10000 }" },
      remedy: "give an object with option names as keys",
    });
  }
  const values = new Map<OptionName, unknown>();
  const keyOf = new Map<OptionName, string>();
  for (const [key, raw] of Object.entries(settings)) {
    if (raw === undefined) continue;
    const { name, value } = readSetting(reading, key, raw);
    const earlier = keyOf.get(name);
    if (earlier !== undefined) throw duplicateOption({ place, name, keys: [earlier, key] });
    keyOf.set(name, key);
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

/** A value of undefined means that the key asks for nothing. */
function readSetting(reading: LayerReading, key: string, raw: unknown): { name: OptionName; value: unknown } {
  const alias = aliasOf(key);
  const name = alias?.option ?? optionNameOf(key);
  checkLayer(reading, key, name);
  const value = alias === null ? raw : convertStormValue(key, alias, raw);
  if (value !== undefined && !isAllowedValue(name, value)) {
    throw invalidValue({ key, value: raw, place: reading.place, allowed: describeAllowed(name), name });
  }
  return { name, value };
}

/** The option of that name. */
export function optionNameOf(key: string): OptionName {
  const known = optionNames.find((name) => name === key);
  if (known !== undefined) return known;
  const refusal = stormRefusalOf(key);
  if (refusal !== null) {
    throw new EngineError("CONFIG_STORM_UNSUPPORTED", {
      problem: `Storm's option "${key}" has no counterpart here`,
      facts: { reason: refusal.reason },
      remedy: refusal.remedy,
    });
  }
  const nearest = nearestName(key, [...optionNames, ...Object.keys(stormAliases)]);
  throw new EngineError("CONFIG_UNKNOWN_OPTION", {
    problem: `there is no option "${key}"`,
    facts: { nearest: nearest ?? undefined },
    remedy:
      nearest === null
        ? "see docs/CONFIG.md for all options"
        : `write "${nearest}", or see docs/CONFIG.md for all options`,
  });
}

/** The Storm key's counterpart, or null if it is none of those that have one. */
export function aliasOf(key: string): StormAlias | null {
  return Object.hasOwn(stormAliases, key) ? stormAliases[key]! : null;
}

function checkLayer({ layer, place }: LayerReading, key: string, name: OptionName): void {
  const { scopes } = optionDefinition(name);
  if (layer === "command line" || layer === "default" || scopes.includes(layer)) return;
  throw new EngineError("CONFIG_WRONG_LAYER", {
    problem: `option "${key}" cannot be set for a ${layer}`,
    facts: { "set for": place, "may be set for": scopes },
    remedy: `move it to the settings of the ${scopes.join(" or ")}`,
  });
}

function convertStormValue(key: string, alias: StormAlias, raw: unknown): unknown {
  if (raw === null) return optionDefinition(alias.option).nullable === true ? null : undefined;
  const min = alias.min ?? 0;
  const isValid =
    alias.type === "boolean" ? typeof raw === "boolean" : Number.isSafeInteger(raw) && (raw as number) >= min;
  if (isValid) return alias.convert(raw as number | boolean);
  const allowed = alias.type === "boolean" ? "true, false or null" : `an integer of at least ${min}, or null`;
  throw invalidValue({ key, value: raw, allowed, name: alias.option });
}

interface InvalidValue {
  readonly key: string;
  readonly value: unknown;
  readonly place?: string;
  readonly allowed: string;
  readonly name: OptionName;
}

export function invalidValue({ key, value, place, allowed, name }: InvalidValue): EngineError {
  return new EngineError("CONFIG_INVALID_VALUE", {
    problem: `option "${key}" has a value that it cannot have`,
    facts: {
      option: key === name ? key : `${key}, which is ${name} here`,
      value: typeof value === "string" ? JSON.stringify(value) : value,
      "set for": place,
      allowed,
    },
    remedy: "give a value that is allowed, or remove the option to use its default",
  });
}

export function duplicateOption(facts: { place: string; name: OptionName; keys: readonly string[] }): EngineError {
  return new EngineError("CONFIG_DUPLICATE_OPTION", {
    problem: `option "${facts.name}" is set twice for the ${facts.place}`,
    facts: { "set as": facts.keys },
    remedy: "remove one of the two",
  });
}

/** Pairs of which the first may not be greater than the second, and what would happen if it were. */
const ORDERED_PAIRS: readonly (readonly [OptionName, OptionName, string])[] = [
  ["ringBytesMin", "ringBytesMax", "no ring could have a legal size"],
  ["ringBytesMin", "ringBudgetBytes", "not even one ring would fit"],
  ["batchRowsMax", "localQueueRowsMax", "a full batch would never fit into the queue"],
  ["localMarkRows", "localQueueRowsMax", "the queue would be full before local-or-shuffle spreads"],
  ["spoutIdleMs", "spoutIdleMaxMs", "the first pause would exceed the longest"],
];

function checkTogether(values: OptionValues, origins: Partial<Record<OptionName, ConfigLayer>>): void {
  for (const [smaller, greater, consequence] of ORDERED_PAIRS) {
    if ((values[smaller] as number) <= (values[greater] as number)) continue;
    throw new EngineError("CONFIG_CONFLICT", {
      problem: `${smaller} is greater than ${greater}: ${consequence}`,
      facts: {
        [smaller]: `${values[smaller]} (${origins[smaller] ?? "default"})`,
        [greater]: `${values[greater]} (${origins[greater] ?? "default"})`,
      },
      remedy: `lower ${smaller} or raise ${greater}`,
    });
  }
}
