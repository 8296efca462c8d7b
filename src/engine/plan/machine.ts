import { availableParallelism } from "node:os";

/** Reads a small text file; null when there is none or it may not be read. */
export type ReadText = (path: string) => string | null;

/** The cores that this process may use. */
export interface AllowedCores {
  /** Ids as the system numbers them, ascending: not always 0 .. n - 1. */
  readonly cores: readonly number[];
  /** CPU time that the process' control groups grant it, in cores; null when they set no limit. */
  readonly quota: number | null;
  /** How many threads can be busy at once: at least 1. */
  readonly usable: number;
}

/**
 * What the affinity mask and the control groups (version 2 or 1) allow. A fraction of a core in the quota does not
 * count: a worker more than the quota pays for would be stopped for part of every period, and all others wait for it.
 */
export function allowedCores(readText: ReadText, coresOfSystem: () => number = availableParallelism): AllowedCores {
  const mask = /^Cpus_allowed_list:\s*(\S+)/m.exec(readText("/proc/self/status") ?? "")?.[1];
  const listed = mask === undefined ? [] : parseCoreList(mask);
  const cores = listed.length > 0 ? listed : Array.from({ length: coresOfSystem() }, (_, core) => core);
  const quota = cgroupQuota(readText);
  return { cores, quota, usable: Math.max(1, Math.min(cores.length, Math.floor(quota ?? cores.length))) };
}

/** The cores of a list as Linux writes it, such as "0-3,8,10-11"; none when it is written in another way. */
export function parseCoreList(list: string): number[] {
  const cores = new Set<number>();
  for (const part of list.trim().split(",")) {
    const range = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    if (range === null) return [];
    const first = Number(range[1]);
    const last = Number(range[2] ?? range[1]);
    for (let core = first; core <= last; core++) cores.add(core);
  }
  return [...cores].sort((a, b) => a - b);
}

/** The tightest limit from the process' group up to the root, of whichever version is mounted; null without any. */
function cgroupQuota(readText: ReadText): number | null {
  const groups = (readText("/proc/self/cgroup") ?? "").split("\n");
  const mounts = (readText("/proc/self/mountinfo") ?? "").split("\n");
  let quota: number | null = null;
  for (const line of groups) {
    const [, hierarchy, controllers, group] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (group === undefined) continue;
    const version = hierarchy === "0" ? 2 : 1;
    if (version === 1 && !controllers!.split(",").includes("cpu")) continue;
    for (const folder of foldersUpwards(group, mountOf(mounts, version))) {
      const limit = version === 2 ? quotaV2(readText, folder) : quotaV1(readText, folder);
      if (limit !== null) quota = Math.min(quota ?? limit, limit);
    }
  }
  return quota;
}

interface CgroupMount {
  /** The group that is mounted: "/" but in containers that see a part of the tree. */
  readonly root: string;
  readonly folder: string;
}

function mountOf(mounts: readonly string[], version: 1 | 2): CgroupMount {
  for (const line of mounts) {
    const [, root, folder, type, options] = /^\d+ \d+ \S+ (\S+) (\S+) .* - (\S+) \S+ (\S+)$/.exec(line) ?? [];
    if (version === 2 ? type !== "cgroup2" : type !== "cgroup" || !options!.split(",").includes("cpu")) continue;
    return { root: root!, folder: folder! };
  }
  return { root: "/", folder: version === 2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu" };
}

/** From the group's own folder up to the mount point, which stands for the group where the path is not below it. */
function foldersUpwards(group: string, mount: CgroupMount): string[] {
  const inside = mount.root === "/" || group === mount.root || group.startsWith(`${mount.root}/`);
  const names = (inside ? group.slice(mount.root === "/" ? 0 : mount.root.length) : "").split("/").filter(Boolean);
  const folders: string[] = [];
  for (let depth = names.length; depth >= 0; depth--)
    folders.push([mount.folder, ...names.slice(0, depth)].join("/"));
  return folders;
}

function quotaV2(readText: ReadText, folder: string): number | null {
  const [, quotaUs, periodUs] = /^(\d+) (\d+)/.exec(readText(`${folder}/cpu.max`) ?? "") ?? [];
  return quotaUs === undefined ? null : ratio(Number(quotaUs), Number(periodUs));
}

function quotaV1(readText: ReadText, folder: string): number | null {
  const quotaUs = readText(`${folder}/cpu.cfs_quota_us`);
  const periodUs = readText(`${folder}/cpu.cfs_period_us`);
  return quotaUs === null || periodUs === null ? null : ratio(Number(quotaUs), Number(periodUs));
}

/** A quota of -1 means no limit in version 1. */
function ratio(quotaUs: number, periodUs: number): number | null {
  return quotaUs > 0 && periodUs > 0 ? quotaUs / periodUs : null;
}
