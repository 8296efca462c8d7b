import { readFileSync } from "node:fs";
import type { Measurement } from "./benchmark.ts";

/**
 * Runs a side and adds what this process used from call to return: `cores`, its processor time by wall time, and
 * `peakRssMb`, the most memory it ever had resident. What the side tells under these names itself is left as it is.
 */
export async function withResourceUse(run: () => Promise<Measurement>): Promise<Measurement> {
  const before = process.cpuUsage();
  const startMs = performance.now();
  const { value, detail } = await run();
  const wallMs = performance.now() - startMs;
  const { user, system } = process.cpuUsage(before);
  return { value, detail: { cores: (user + system) / 1_000 / wallMs, peakRssMb: peakRssMb(), ...detail } };
}

/** The most memory that this process ever had resident. */
export function peakRssMb(): number {
  try {
    // Of this program alone; the figure of `resourceUsage` begins with what the parent had when it forked.
    const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"));
    if (line !== null) return Number(line[1]) / 1_024;
  } catch {
    // No such file on this system.
  }
  return process.resourceUsage().maxRSS / 1_024;
}
