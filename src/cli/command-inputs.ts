import { EngineError } from "../base/engine-error.ts";
import { parseSettings } from "../config/parse-setting.ts";
import type { Settings } from "./engine-face.ts";
import type { LoadRequest, NamedTopology } from "./load-topology-module.ts";
import { chooseTopology, loadTopologies } from "./load-topology-module.ts";

/** What `run` and `plan` have in common, as commander hands it over. */
export interface TopologyFlags {
  readonly options?: string;
  readonly topology?: string;
  readonly workers?: string;
  readonly set?: readonly string[];
  readonly json?: boolean;
}

/** The value of `--options`: any JSON; an empty object when it is not given. */
export function parseOptions(text: string | undefined): unknown {
  if (text === undefined) return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EngineError("CLI_INVALID_JSON", {
      problem: "the value of --options is not JSON",
      facts: { given: text, error: error instanceof Error ? error.message : String(error) },
      remedy: `quote it for the shell, with double quotes inside: --options '{"files":["moby.txt"]}'`,
    });
  }
}

/** All settings of the command line; the flags with names of their own are settings too, and checked as such. */
export function settingsOf(flags: TopologyFlags, more: readonly string[] = []): Settings {
  const workers = flags.workers === undefined ? [] : [`workers=${flags.workers}`];
  return parseSettings([...workers, ...more, ...(flags.set ?? [])]);
}

/** A whole number from 1 on. */
export function parseCores(text: string): number {
  const cores = Number(text);
  if (/^\d+$/.test(text) && cores >= 1 && cores <= 4096) return cores;
  throw new EngineError("CLI_INVALID_VALUE", {
    problem: `"${text}" is no number of cores`,
    facts: { option: "--cores", allowed: "1 to 4096" },
    remedy: "give a whole number, such as --cores 8",
  });
}

/** The value of `--ui`: true for any port, or a number. */
export function parseUi(given: string | true): true | number {
  if (given === true) return true;
  const port = Number(given);
  if (/^\d{1,5}$/.test(given) && port <= 65_535) return port;
  throw new EngineError("CLI_INVALID_VALUE", {
    problem: `"${given}" is no port`,
    facts: { option: "--ui", allowed: "0 to 65535; 0 takes any free one" },
    remedy: "give a number, such as --ui 9000, or write --ui behind the module",
  });
}

/** A whole number of seconds. */
export function parseSeconds(option: string, text: string, min: number, max = 86_400): number {
  const seconds = Number(text);
  if (/^\d{1,5}$/.test(text) && seconds >= min && seconds <= max) return seconds;
  throw new EngineError("CLI_INVALID_VALUE", {
    problem: `"${text}" is no number of seconds`,
    facts: { option, allowed: `${min} to ${max}` },
    remedy: `give a whole number, such as ${option} 10`,
  });
}

/** The number of a worker. */
export function parseWorker(text: string): number {
  if (/^\d{1,4}$/.test(text)) return Number(text);
  throw new EngineError("CLI_INVALID_VALUE", {
    problem: `"${text}" is no worker`,
    facts: { option: "--worker", allowed: "a number from 0" },
    remedy: "give the number of a worker, as stormcell describe shows them",
  });
}

/** A share above 0 and up to 100, in the form that paths of the API have. */
export function parsePercent(option: string, text: string): number {
  const percent = Number(text);
  if (/^\d{1,3}(\.\d{1,6})?$/.test(text) && percent > 0 && percent <= 100) return percent;
  throw new EngineError("CLI_INVALID_VALUE", {
    problem: `"${text}" is no share in percent`,
    facts: { option, allowed: "above 0, and up to 100" },
    remedy: `give a number, such as ${option} 1`,
  });
}

/** The topology that the command line names. */
export async function findTopology(request: LoadRequest, flags: TopologyFlags): Promise<NamedTopology> {
  return chooseTopology(await loadTopologies(request), flags.topology);
}
