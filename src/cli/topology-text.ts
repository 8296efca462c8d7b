import { textTable } from "../engine/plan/text-table.ts";
import { componentName } from "../topology/output-id.ts";

/** What the API tells of a topology's graph, as far as it is printed. */
export interface RemoteGraph {
  readonly id: string;
  readonly state: string;
  readonly components: readonly {
    readonly id: string;
    readonly kind: string;
    readonly tasks: readonly { readonly task: number; readonly worker: number | null }[];
  }[];
  readonly edges: readonly {
    readonly from: string;
    readonly stream: string;
    readonly to: string;
    readonly input: string;
    readonly grouping: string;
    readonly fields: readonly string[];
  }[];
  readonly workers: readonly {
    readonly worker: number;
    readonly core: number | null;
    readonly tasks: readonly number[];
  }[];
}

export interface RemoteConfiguration {
  readonly settings: readonly { readonly name: string; readonly value: unknown; readonly origin: string }[];
}

/** A running topology for people: components, streams, workers, and what was set. */
export function describeTopology(graph: RemoteGraph, { settings }: RemoteConfiguration): string {
  const components = graph.components.map(({ id, kind, tasks }) => [
    componentName(id),
    kind,
    String(tasks.length),
    [...new Set(tasks.map(({ worker }) => (worker === null ? "main" : String(worker))))].join(" "),
  ]);
  const edges = graph.edges.map(({ from, stream, to, input, grouping, fields }) => [
    componentName(from),
    stream,
    componentName(to),
    input,
    fields.length === 0 ? grouping : `${grouping} (${fields.join(", ")})`,
  ]);
  const workers = graph.workers.map(({ worker, core, tasks }) => [
    String(worker),
    core === null ? "not bound" : String(core),
    String(tasks.length),
  ]);
  const set = settings
    .filter(({ origin }) => origin !== "default")
    .map(({ name, value, origin }) => [name, typeof value === "string" ? value : JSON.stringify(value), origin]);
  return [
    `${graph.id}: ${graph.state}`,
    ...block(["component", "kind", "tasks", "on workers"], components),
    ...block(["from", "stream", "to", "input", "grouping"], edges),
    ...block(["worker", "core", "tasks"], workers),
    ...block(["setting", "value", "set by"], set),
  ].join("\n");
}

/** Nothing for a table without rows. */
function block(headers: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const lines = textTable(
    headers.map((header) => ({ header })),
    rows,
  );
  return ["", ...lines.map((line) => `  ${line}`)];
}
