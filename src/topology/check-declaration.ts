import { EngineError } from "../base/engine-error.ts";
import { checkId } from "../base/ids.ts";
import { nearestName } from "../base/nearest-name.ts";

/** More tasks of one component than this are a mistake, not a plan: they all run on the cores of one box. */
export const PARALLELISM_MAX = 1_000;

/** @throws EngineError TOPOLOGY_ILLEGAL_ID */
export function checkDeclaredId(kind: "component" | "stream" | "input", id: unknown, owner?: string): void {
  const problem = checkId(kind, id);
  if (problem === null) return;
  throw new EngineError("TOPOLOGY_ILLEGAL_ID", {
    problem: owner === undefined ? problem : `${problem}, in component "${owner}"`,
    remedy: `choose an id of letters, digits, "_", "." and "-"`,
  });
}

/** @throws EngineError TOPOLOGY_BAD_PARALLELISM */
export function checkParallelism(id: string, parallelism: unknown): void {
  if (parallelism === "auto") return;
  if (Number.isInteger(parallelism) && Number(parallelism) >= 1 && Number(parallelism) <= PARALLELISM_MAX) return;
  throw new EngineError("TOPOLOGY_BAD_PARALLELISM", {
    problem: `component "${id}" has a parallelism of ${String(parallelism)}`,
    facts: { allowed: `a whole number from 1 to ${PARALLELISM_MAX}, or "auto"` },
    remedy: 'say how many tasks the component has; "auto" is one per worker',
  });
}

/** @throws EngineError TOPOLOGY_DUPLICATE_ID */
export function checkUnusedId(id: string, isUsed: (id: string) => boolean): void {
  if (!isUsed(id)) return;
  throw new EngineError("TOPOLOGY_DUPLICATE_ID", {
    problem: `the component id "${id}" is declared twice`,
    remedy: "give every spout, bolt and feeder of a topology its own id",
  });
}

/**
 * Refuses settings that do not exist: a misspelt one would silently change nothing.
 *
 * @throws EngineError TOPOLOGY_BAD_SETTING
 */
export function checkSettings(place: string, settings: unknown, allowed: readonly string[]): void {
  if (settings === undefined) return;
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) {
    throw badSetting(
      `the settings of ${place} are no object`,
      { allowed },
      "give an object with these keys, or nothing",
    );
  }
  for (const key of Object.keys(settings)) {
    if (allowed.includes(key)) continue;
    const nearest = nearestName(key, allowed);
    throw badSetting(
      `${place} has no setting "${key}"`,
      { settings: allowed },
      nearest === null ? "use one of these settings; engine options go under config" : `write "${nearest}"`,
    );
  }
}

export function badSetting(problem: string, facts: Readonly<Record<string, unknown>>, remedy: string): EngineError {
  return new EngineError("TOPOLOGY_BAD_SETTING", { problem, facts, remedy });
}
