import type { ComponentWindowMetrics, MetricsSnapshot } from "../metrics/metrics-snapshot.ts";
import type { WindowName } from "../metrics/rolling-windows.ts";
import { RouteError } from "./route.ts";
import type { UiState } from "./ui-source.ts";

/** A window as Storm's API names it. */
export interface StormWindow {
  readonly name: WindowName;
  /** Storm's key: seconds, or all time. */
  readonly key: string;
  readonly pretty: string;
}

/** Ours of 10 s, then Storm's, in Storm's order. */
export const STORM_WINDOWS: readonly StormWindow[] = [
  { name: "10s", key: "10", pretty: "10s" },
  { name: "10m", key: "600", pretty: "10m 0s" },
  { name: "3h", key: "10800", pretty: "3h 0m 0s" },
  { name: "1d", key: "86400", pretty: "1d 0h 0m 0s" },
  { name: "all", key: ":all-time", pretty: "All time" },
];

/** The window that a request asks for; all time when it does not. */
export function windowOf(query: ReadonlyMap<string, string>): StormWindow {
  const key = query.get("window") ?? ":all-time";
  const window = STORM_WINDOWS.find((candidate) => candidate.key === key);
  if (window !== undefined) return window;
  const keys = STORM_WINDOWS.map((candidate) => candidate.key).join(", ");
  throw new RouteError(400, "UNKNOWN_WINDOW", `there is no such window; windows: ${keys}`);
}

/** "6m 5s", as Storm tells uptimes. */
export function uptimeText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts: readonly (readonly [size: number, unit: string])[] = [
    [86_400, "d"],
    [3_600, "h"],
    [60, "m"],
    [1, "s"],
  ];
  let rest = seconds;
  const texts: string[] = [];
  for (const [size, unit] of parts) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0 || texts.length > 0 || size === 1) texts.push(`${count}${unit}`);
  }
  return texts.join(" ");
}

/** A latency or a capacity: a string, as in Storm; "0.000" where nothing was measured. */
export function decimalText(value: number | null | undefined): string {
  return (value ?? 0).toFixed(3);
}

/** One of Storm's words for a state of ours. */
export function stormStatus(state: UiState): "ACTIVE" | "INACTIVE" | "KILLED" {
  if (state === "active") return "ACTIVE";
  return state === "starting" || state === "inactive" ? "INACTIVE" : "KILLED";
}

/** What a component did in a window; null as long as there are no numbers. */
export function componentWindow(
  snapshot: MetricsSnapshot | null,
  component: string,
  window: WindowName,
): ComponentWindowMetrics | null {
  return snapshot?.components[component]?.windows[window] ?? null;
}
