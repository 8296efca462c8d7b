import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Stage, stageOf } from "./profile-stages.ts";

/** The parts of V8's format that are used here. */
interface RawProfile {
  readonly nodes: readonly RawNode[];
  readonly startTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface RawNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
  readonly positionTicks?: readonly Ticks[];
}

interface Ticks {
  readonly line: number;
  readonly ticks: number;
}

/** A function as it was called on one way, with its stage. */
export interface ProfileNode {
  readonly key: string;
  readonly name: string;
  readonly stage: Stage;
  readonly parent: ProfileNode | null;
  /** How often it was seen at each of its lines, counted from 1. */
  readonly ticks: readonly Ticks[];
}

export interface ProfileSample {
  readonly node: ProfileNode;
  readonly atUs: number;
  readonly lastedUs: number;
}

export interface ThreadProfile {
  /** 0 is the main thread. */
  readonly threadId: number;
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly ProfileSample[];
}

/** All profiles of a folder; `root` is the repository, to which the names of files are relative. */
export function readProfiles(folder: string, root: string): ThreadProfile[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"));
  const profiles = files.map((file) => {
    // CPU.<day>.<time>.<process>.<thread>.<sequence>.cpuprofile
    const threadId = Number(file.split(".")[4]);
    return parseProfile(JSON.parse(readFileSync(path.join(folder, file), "utf8")) as RawProfile, threadId, root);
  });
  return profiles.sort((a, b) => a.threadId - b.threadId);
}

export function parseProfile(raw: RawProfile, threadId: number, root: string): ThreadProfile {
  const rawById = new Map(raw.nodes.map((node) => [node.id, node]));
  const byId = new Map<number, ProfileNode>();
  const visit = (id: number, parent: ProfileNode | null) => {
    const { callFrame, children = [], positionTicks = [] } = rawById.get(id)!;
    const { functionName: name, url, lineNumber } = callFrame;
    const stage = stageOf(name, sourceFileOf(url, root)) ?? parent?.stage ?? "unmapped";
    const node = { key: `${url} ${name} ${lineNumber}`, name, stage, parent, ticks: positionTicks };
    byId.set(id, node);
    for (const child of children) visit(child, node);
  };
  visit(raw.nodes[0]!.id, null);
  let atUs = raw.startTime;
  const samples = raw.samples.map((id, index) => {
    atUs += raw.timeDeltas[index]!;
    return { node: byId.get(id)!, atUs, lastedUs: Math.max(0, raw.timeDeltas[index + 1] ?? 0) };
  });
  return { threadId, nodes: [...byId.values()], samples };
}

/** `src/tuple/tuple.ts` for the compiled file of it; Node's own and other files by their whole names. */
function sourceFileOf(url: string, root: string): string {
  if (!url.startsWith("file:")) return url;
  const file = path.relative(path.join(root, "dist"), fileURLToPath(url)).split(path.sep).join("/");
  return file.replace(/\.js$/, ".ts");
}
