import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { Measurement, Size } from "../harness/benchmark.ts";
import { expectedStringChecksum, verifyHop } from "../input/content-checksum.ts";
import { STRINGS_REPEATED } from "../input/string-source.ts";
import { rivalsDirectory } from "./java-project.ts";
import { beginHop } from "./qtopology-nodes.ts";
import { runRival } from "./rival-process.ts";

/**
 * qtopology, Storm's words on one thread of Node; the newest version, which builds nothing when it is installed.
 *
 *     [spout] -- callback --> [bolt: checksum]      threads: 1
 */
const VERSION = "2.3.2";
/** It is no dependency of this package: a full run fetches it into a folder that git ignores. */
const cache = path.join(rivalsDirectory, "qtopology", "target");
const entry = path.join(cache, "node_modules", "qtopology", "package.json");
const INSTALL_TIMEOUT_MS = 120_000;

interface TopologyLocal {
  init(uuid: string, config: unknown, done: (error?: Error) => void): void;
  run(done: (error?: Error) => void): void;
  shutdown(done: (error?: Error) => void): void;
}

/** Why it cannot run here, or null; at full size it is installed when it is missing. */
export async function qtopologySkipReason(size: Size): Promise<string | null> {
  if (existsSync(entry)) return null;
  if (size === "smoke") return "not fetched yet: a full run does that";
  if (spawnSync("npm", ["--version"]).status !== 0) return "npm not found";
  const options = ["--prefix", cache, "--ignore-scripts", "--no-audit", "--no-fund"];
  const args = ["install", ...options, `qtopology@${VERSION}`];
  try {
    await runRival({ title: "npm install qtopology", command: "npm", args, timeoutMs: INSTALL_TIMEOUT_MS });
    return null;
  } catch (error) {
    return `could not be fetched: ${error instanceof Error ? error.message.split("\n")[0]! : String(error)}`;
  }
}

/** Carries the strings of the other hops, each in a message of its own, as this library wants it. */
export async function runQtopologyHop(params: { tuples: number; warmupTuples: number }): Promise<Measurement> {
  const { TopologyLocal, logger } = createRequire(entry)("qtopology") as {
    readonly TopologyLocal: new (onError: (error: Error) => void) => TopologyLocal;
    logger(): { setLevel(level: string): void };
  };
  logger().setLevel("ERROR");
  const finished = beginHop(params);
  const topology = new TopologyLocal((error) => {
    throw error;
  });
  const nodes = { type: "inproc", working_dir: import.meta.dirname, cmd: "qtopology-nodes.js", init: {} };
  await called((done) =>
    topology.init(
      "hop",
      {
        general: { heartbeat: 1_000 },
        spouts: [{ name: "strings", subtype: "spout", ...nodes }],
        bolts: [{ name: "sink", subtype: "bolt", ...nodes, inputs: [{ source: "strings" }] }],
        variables: {},
      },
      done,
    ),
  );
  await called((done) => topology.run(done));
  const { seen, checksum, seconds } = await finished;
  await called((done) => topology.shutdown(done));
  const expected = expectedStringChecksum(STRINGS_REPEATED, params.tuples);
  verifyHop("qtopology hop", { tuples: seen, checksum }, params.tuples, expected);
  return { value: (params.tuples - params.warmupTuples) / seconds, detail: { seconds } };
}

function called(start: (done: (error?: Error) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => start((error) => (error ? reject(error) : resolve())));
}
