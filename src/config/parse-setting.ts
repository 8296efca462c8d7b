import { EngineError } from "../base/engine-error.ts";
import { describeAllowed, isAllowedValue } from "./check-value.ts";
import { optionDefinition } from "./option-table.ts";
import { aliasOf, duplicateOption, invalidValue, optionNameOf } from "./resolve-config.ts";

export interface Setting {
  /** As written: the name of an option, or one of Storm's keys. */
  readonly key: string;
  readonly value: unknown;
}

/**
 * One `key=value` of a command line, its value read by the type of the option.
 *
 * @throws EngineError CONFIG_INVALID_SETTING, CONFIG_UNKNOWN_OPTION, CONFIG_STORM_UNSUPPORTED, CONFIG_INVALID_VALUE
 */
export function parseSetting(text: string): Setting {
  const equals = text.indexOf("=");
  const key = text.slice(0, Math.max(equals, 0)).trim();
  if (key === "") {
    throw new EngineError("CONFIG_INVALID_SETTING", {
      problem: `the setting ${JSON.stringify(text)} is not of the form key=value`,
      remedy: "write it like messageTimeoutMs=10000",
    });
  }
  const valueText = text.slice(equals + 1).trim();
  const alias = aliasOf(key);
  if (alias !== null) return { key, value: alias.type === "boolean" ? booleanOf(valueText) : numberOf(valueText) };
  const name = optionNameOf(key);
  const { type, words } = optionDefinition(name);
  const isText = words?.includes(valueText) === true || (type === "path" && valueText !== "null");
  const value = isText ? valueText : numberOf(valueText);
  if (!isAllowedValue(name, value)) {
    throw invalidValue({ key, value, place: "command line", allowed: describeAllowed(name), name });
  }
  return { key, value };
}

/** All `--set` of a command line as one layer for `resolveConfig`. */
export function parseSettings(texts: readonly string[]): Readonly<Record<string, unknown>> {
  const settings: Record<string, unknown> = {};
  for (const text of texts) {
    const { key, value } = parseSetting(text);
    if (Object.hasOwn(settings, key)) {
      const name = aliasOf(key)?.option ?? optionNameOf(key);
      throw duplicateOption({ place: "command line", name, keys: [`${key}=${settings[key]}`, text] });
    }
    settings[key] = value;
  }
  return settings;
}

const NUMBER_PATTERN = /^[+-]?(\d[\d_]*)?(\.\d+)?(e[+-]?\d+)?$/i;

/** A number, null for "null"; other text stays as it is, for the check that follows to refuse. */
function numberOf(text: string): unknown {
  if (text === "null") return null;
  const number = NUMBER_PATTERN.test(text) && /\d/.test(text) ? Number(text.replaceAll("_", "")) : Number.NaN;
  return Number.isNaN(number) ? text : number;
}

function booleanOf(text: string): unknown {
  if (text === "null") return null;
  return text === "true" ? true : text === "false" ? false : text;
}
