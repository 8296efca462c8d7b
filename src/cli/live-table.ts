import { type TextColumn, textTable } from "../engine/plan/text-table.ts";
import type { ComponentState, LiveState } from "../http/live-state.ts";
import { componentName } from "../topology/output-id.ts";
import { formatCount, formatElapsed, formatRate } from "./number-text.ts";

const COLUMNS: readonly TextColumn[] = [
  { header: "component" },
  { header: "emitted/s", align: "right" },
  { header: "executed/s", align: "right" },
  { header: "busy", align: "right" },
  { header: "blocked", align: "right" },
  { header: "queue", align: "right" },
  { header: "p50", align: "right" },
  { header: "p99", align: "right" },
  { header: "failed", align: "right" },
  { header: "errors", align: "right" },
];

/** A topology at this moment as lines of text: what `run --live` and `monitor` show. */
export function liveLines(name: string, live: LiveState): string[] {
  const { state, uptimeMs, totals, complete, components } = live;
  const facts = [
    `${name}  ${state}  ${formatElapsed(uptimeMs)}`,
    `acked ${formatCount(totals?.acked ?? 0)}`,
    `failed ${formatCount(totals?.failed ?? 0)}`,
    ...(complete === null ? [] : [`complete p50 ${formatLatency(complete.p50)}, p99 ${formatLatency(complete.p99)}`]),
  ];
  const rows = Object.entries(components).map(([id, component]) => [componentName(id), ...cellsOf(component)]);
  return [facts.join("   "), "", ...textTable(COLUMNS, rows)];
}

function cellsOf(component: ComponentState): string[] {
  const { emitted, executed, busy, waiting, blocked, queued, fill, p50, p99, failedTotal, errors } = component;
  return [
    formatRate(emitted),
    formatRate(executed),
    formatShare(Math.min(1, busy + waiting)),
    formatShare(blocked),
    fill === null ? formatCount(queued) : formatShare(fill),
    formatLatency(p50),
    formatLatency(p99),
    formatCount(failedTotal),
    formatCount(errors),
  ];
}

function formatShare(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** In the unit that keeps it short; a dash where nothing was measured. */
export function formatLatency(ms: number | null): string {
  if (ms === null) return "-";
  if (ms < 1) return `${Number((ms * 1000).toPrecision(3))} us`;
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(3))} s`;
}
