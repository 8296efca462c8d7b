import { optionNames } from "../config/option-table.ts";
import { type ConfigLayers, resolveConfig } from "../config/resolve-config.ts";
import type { SettingRow } from "./ui-source.ts";

const SECRET_NAME = /token|password|passphrase|secret|credential|api_?key|private_?key/i;
const MASK = "********";

/** Every option with its value and the layer that it comes from; what is secret by its name is masked. */
export function settingRows(layers: ConfigLayers): SettingRow[] {
  const values = valuesOf(layers);
  // From the strongest layer on: the first one without which the value would be another has set it.
  const below = [
    { origin: "command line", values: tryValuesOf({ ...layers, commandLine: undefined }) },
    { origin: "component", values: tryValuesOf({ cluster: layers.cluster, topology: layers.topology }) },
    { origin: "topology", values: tryValuesOf({ cluster: layers.cluster }) },
    { origin: "cluster", values: valuesOf({}) },
  ] as const;
  return optionNames.map((name) => {
    const value = values[name];
    const layer = below.find((candidate) => candidate.values !== null && candidate.values[name] !== value);
    return settingRow(name, value, layer?.origin ?? "default");
  });
}

type Values = Readonly<Record<string, unknown>>;

function valuesOf(layers: ConfigLayers): Values {
  return resolveConfig(layers) as unknown as Values;
}

/** Null where the weaker layers alone hold values that cannot go together. */
function tryValuesOf(layers: ConfigLayers): Values | null {
  try {
    return valuesOf(layers);
  } catch {
    return null;
  }
}

/** A row whose value is masked where its name says that it is secret, at any depth. */
export function settingRow(name: string, value: unknown, origin: SettingRow["origin"]): SettingRow {
  if (SECRET_NAME.test(name)) return { name, value: MASK, origin, masked: true };
  const shown = maskInside(value, 0);
  return { name, value: shown.value, origin, masked: shown.masked };
}

const DEPTH_MAX = 8;

function maskInside(value: unknown, depth: number): { readonly value: unknown; readonly masked: boolean } {
  if (typeof value !== "object" || value === null) return { value, masked: false };
  if (depth >= DEPTH_MAX) return { value: "...", masked: true };
  let masked = false;
  const maskEntry = (name: string, inner: unknown): unknown => {
    const shown = SECRET_NAME.test(name) ? { value: MASK, masked: true } : maskInside(inner, depth + 1);
    masked ||= shown.masked;
    return shown.value;
  };
  const copy = Array.isArray(value)
    ? value.map((inner: unknown) => maskEntry("", inner))
    : Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, maskEntry(name, inner)]));
  return { value: copy, masked };
}
