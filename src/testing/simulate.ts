import { EngineError } from "../base/engine-error.ts";
import { createLogger } from "../base/log.ts";
import type { TopologyConfig } from "../config/option-values.ts";
import { type ConfigLayers, resolveConfig } from "../config/resolve-config.ts";
import { MemoryClaims } from "../engine/claims/memory-claims.ts";
import { INLINE_TIME, type InlineTime } from "../engine/inline-driver.ts";
import { makeInlineRun } from "../engine/inline-run.ts";
import { planSpec } from "../engine/worker/prepare-run.ts";
import { OffloadPool } from "../engine/worker/worker-host.ts";
import { buildSpec } from "../topology/build-topology.ts";
import type { Topology } from "../topology/define-topology.ts";
import type { TopologySpec } from "../topology/topology-spec.ts";
import { Recording, type RecordingSettings } from "./recording.ts";
import { Simulation } from "./simulation.ts";

/** How a topology is simulated. */
export interface SimulateSettings<Options> {
  /** Handed to the builder function. */
  readonly options: Options;
  readonly config?: TopologyConfig;
  /** Decides in which order threads and tasks have their turns, and all random choices. 1 unless it says more. */
  readonly seed?: number;
  /** Worker threads, each of which is played by this one: 2 unless it says more, so that rings are used. */
  readonly workers?: number;
  /** False: virtual time moves only by `advance`, and by waiting for the end. */
  readonly autoAdvance?: boolean;
  /** Rounds of uninterrupted work that make a millisecond of virtual time: 64 unless it says more. */
  readonly roundsPerMs?: number;
  /** Rounds that `settle` waits for an end of: 3,000 unless it says more. */
  readonly settleRoundsMax?: number;
  /** Events that may be recorded: a million unless it says more. */
  readonly eventsMax?: number;
  /** Real time without progress after which whoever waits is told that the simulation is stuck: 10 s by default. */
  readonly stuckTimeoutMs?: number;
}

/** Settings may be left out when the topology takes no options. */
export type SimulateArguments<Options> = undefined extends Options
  ? [settings?: Partial<SimulateSettings<Options>>]
  : [settings: SimulateSettings<Options>];

/** What a simulation is made from besides its settings. */
export interface SimulatedParts {
  readonly spec: TopologySpec;
  readonly settings: Partial<SimulateSettings<unknown>>;
  readonly recording?: Omit<RecordingSettings, "eventsMax">;
}

const WORKERS = 2;
const EVENTS_MAX = 1_000_000;
const STUCK_TIMEOUT_MS = 10_000;
const OFFLOAD_FAULT = "an offload thread was ended by an error outside of any call";

/**
 * Runs a topology on the calling thread under virtual time: the same engine code, in an order that the seed decides.
 * The same seed gives the same trace, as long as components keep to the time and the promises of the engine.
 *
 * @throws EngineError whatever is wrong with the topology, its options or its settings
 * @example
 * const simulation = simulate(wordCount, { options: { files }, seed: 42 });
 * await simulation.completed();
 * assert.deepEqual(simulation.emittedBy("count"), [["to", 1], ["be", 1], ["to", 2]]);
 */
export function simulate<Options, Ports>(
  topology: Topology<Options, Ports>,
  ...given: SimulateArguments<Options>
): Simulation<Ports> {
  const settings: Partial<SimulateSettings<Options>> = given[0] ?? {};
  const spec = buildSpec(topology as unknown as Topology<unknown>, settings.options);
  return simulateSpec<Ports>({ spec, settings });
}

/** The same for a topology that was declared already. */
export function simulateSpec<Ports>({ spec, settings, recording: watching }: SimulatedParts): Simulation<Ports> {
  const time = timeOf(settings);
  const { eventsMax = EVENTS_MAX, stuckTimeoutMs = STUCK_TIMEOUT_MS } = settings;
  checkCount("eventsMax", eventsMax);
  checkCount("stuckTimeoutMs", stuckTimeoutMs);
  const layers = layersOf(settings);
  const config = resolveConfig(layers);
  const workerCount = config.workers === "auto" ? WORKERS : config.workers;
  const prepared = planSpec(spec, { layers, workerCount });
  const logger = createLogger({ level: config.logLevel, bindings: { topology: "simulation" } });
  const offload = new OffloadPool((error) => logger.error({ err: error }, OFFLOAD_FAULT));
  const recording = new Recording({ ...watching, eventsMax });
  const { run, backend } = makeInlineRun({
    prepared,
    name: "simulation",
    options: settings.options,
    logger,
    offload,
    time,
    probe: recording,
    claims: new MemoryClaims(),
  });
  recording.setClock(backend.clock);
  return new Simulation<Ports>({
    run,
    spec,
    driver: backend.driver,
    nowMs: () => backend.clock.nowMs(),
    pendingHooks: () => backend.pendingHooks(),
    recording,
    seed: config.seed,
    stuckTimeoutMs,
    ended: () => offload.close(),
  });
}

function timeOf(settings: Partial<SimulateSettings<unknown>>): InlineTime {
  const { autoAdvance, roundsPerMs, settleRoundsMax } = { ...INLINE_TIME, ...settings };
  checkCount("roundsPerMs", roundsPerMs);
  checkCount("settleRoundsMax", settleRoundsMax);
  return { autoAdvance, roundsPerMs, settleRoundsMax };
}

/** Quiet unless it is told to log; on this thread, whatever the topology's own settings say. */
function layersOf({ config, seed, workers }: Partial<SimulateSettings<unknown>>): ConfigLayers {
  return {
    cluster: { logLevel: "silent" },
    topology: config,
    commandLine: {
      runtime: "inline",
      ...(seed === undefined ? {} : { seed }),
      ...(workers === undefined ? {} : { workers }),
    },
  };
}

function checkCount(setting: string, value: unknown): void {
  if (typeof value === "number" && value >= 1 && (Number.isInteger(value) || value === Number.POSITIVE_INFINITY))
    return;
  throw new EngineError("SIMULATION_BAD_SETTING", {
    problem: `the setting ${setting} of a simulation is ${String(value)}`,
    facts: { allowed: "a whole number from 1" },
    remedy: `give a number, or leave ${setting} out`,
  });
}
