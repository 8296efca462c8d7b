import { importsOf, placeOf, resolveImport, type SourceFile } from "./source-tree.ts";

const LAYER_1 = ["config", "memory", "tuple"] as const;
const LAYER_2 = ["component", "grouping"] as const;
const LAYER_3 = ["topology", "acker", "state", "metrics"] as const;
const LAYER_5 = ["windowing", "stream", "drpc", "multilang", "connectors"] as const;
const BELOW_ENGINE = ["base", ...LAYER_1, ...LAYER_2, ...LAYER_3] as const;
/** A layer 5 room could have been written by a user: it sees neither engine nor memory. */
const AS_A_USER = ["base", "config", "tuple", "component", "grouping", "topology", "state"] as const;
const BELOW_CLI = [...BELOW_ENGINE, "engine", ...LAYER_5, "http", "flux"] as const;

/** What each room may import besides itself: rooms, or `room/file` for one file or folder of a room. */
export const allowedRooms: Readonly<Record<string, readonly string[]>> = {
  base: [],
  config: ["base"],
  memory: ["base"],
  tuple: ["base"],
  component: ["base", "tuple"],
  grouping: ["base", "tuple"],
  topology: ["base", "tuple", "component", "config", "grouping"],
  acker: ["base", "tuple", "component"],
  state: ["base", "tuple", "component"],
  metrics: ["base", "tuple", "component", "memory"],
  engine: BELOW_ENGINE,
  windowing: AS_A_USER,
  stream: [...AS_A_USER, "windowing"],
  drpc: AS_A_USER,
  multilang: AS_A_USER,
  connectors: AS_A_USER,
  http: ["base", "config", "engine/cluster", "metrics", "drpc"],
  flux: [...BELOW_ENGINE, ...LAYER_5],
  testing: [...BELOW_ENGINE, "engine"],
  cli: BELOW_CLI,
  index: [...BELOW_CLI, "testing", "cli"],
};

/** The rooms that may use a package: what a package does is then done in one place. */
export const packageRooms: Readonly<Record<string, readonly string[]>> = {
  pino: ["base"],
  "pino-pretty": ["base"],
  flatbuffers: ["tuple"],
  piscina: ["engine"],
  tsx: ["engine"],
  commander: ["cli"],
  ioredis: ["connectors"],
  "@platformatic/kafka": ["connectors"],
};

/** Imports that go against the layers, one line each. */
export function layerViolations(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const room = roomOf(file.path);
    if (allowedRooms[room] === undefined) {
      return [`${file.path}: there is no room "${room}"; rooms: ${Object.keys(allowedRooms).join(", ")}`];
    }
    return importsOf(file).flatMap(({ specifier, node }) => {
      const problem = specifier.startsWith(".")
        ? roomProblem(room, resolveImport(file.path, specifier)!)
        : packageProblem(room, specifier);
      return problem === null ? [] : [`${placeOf(file, node)}: ${problem}`];
    });
  });
}

function roomProblem(room: string, target: string): string | null {
  if (!target.startsWith("src/"))
    return room === "cli" && target.endsWith("/package.json") ? null : `imports ${target}, which is outside of src`;
  const allowed = allowedRooms[room]!;
  const targetRoom = roomOf(target);
  if (targetRoom === room || allowed.includes(targetRoom)) return null;
  const inTarget = target.slice("src/".length).replace(/\.ts$/, "");
  if (allowed.some((entry) => entry.includes("/") && (inTarget === entry || inTarget.startsWith(`${entry}/`))))
    return null;
  const rooms = allowed.length === 0 ? "no other room" : allowed.join(", ");
  return `room "${room}" imports from "${targetRoom}" (${target}); it may import ${rooms}`;
}

function packageProblem(room: string, specifier: string): string | null {
  if (specifier.startsWith("node:")) return null;
  const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
  const rooms = packageRooms[name];
  if (rooms === undefined)
    return `imports "${name}", which no room may; packages: ${Object.keys(packageRooms).join(", ")}`;
  return rooms.includes(room) ? null : `room "${room}" imports "${name}", which belongs to ${rooms.join(", ")}`;
}

/** `src/engine/plan/x.ts` is in room engine; files directly in src are the public face, `index`. */
function roomOf(file: string): string {
  const [, room, ...rest] = file.split("/");
  return rest.length === 0 ? "index" : room!;
}
