import { loadOf } from "./bottleneck.js";
import { el, linkCell, liveTable, setText, shareCell } from "./dom.js";
import * as format from "./format.js";
import { drawGraph } from "./graph-view.js";

/** The topology as a graph, who holds it up, and the same numbers as a table. */
export async function topologyView({ graph, hrefOf }) {
  const drawing = await drawGraph(graph, hrefOf);
  const note = el("p", { class: "bottleneck-note" });
  const table = componentTable(graph, hrefOf);
  const legend = el(
    "p",
    { class: "legend", "aria-hidden": "true" },
    el("span", {}, el("span", { class: "swatch busy" }), " idle to busy"),
    el("span", {}, el("span", { class: "swatch blocked" }), " blocked: no room behind it"),
    el("span", { text: "rates are tuples per second over 10 s" }),
  );
  const element = el(
    "div",
    {},
    el(
      "section",
      { "aria-label": "Graph" },
      note,
      el("div", { class: "graph", tabindex: 0, role: "region", "aria-label": "Graph" }, drawing.element),
      legend,
    ),
    el("section", {}, table.element),
  );

  function update(live) {
    const bottleneck = drawing.update(live);
    setText(note, noteOn(bottleneck));
    table.update(live);
  }
  return { element, update };
}

export function noteOn(bottleneck) {
  if (bottleneck === null) return "No component holds up the others.";
  const { id, load, blocked } = bottleneck;
  const before = blocked === null ? "" : `, and ${format.componentName(blocked)} before it finds no room`;
  return `${format.componentName(id)} holds up the others: it is busy ${format.percent(load)} of its time${before}.`;
}

function componentTable(graph, hrefOf) {
  const kinds = new Map(graph.components.map(({ id, kind, tasks }) => [id, { kind, tasks: tasks.length }]));
  const columns = [
    { header: "Component", cell: ({ id }) => linkCell(hrefOf(id), format.componentName(id)) },
    { header: "Kind", cell: ({ id }) => kinds.get(id).kind },
    { header: "Tasks", number: true, cell: ({ id }) => String(kinds.get(id).tasks) },
    { header: "Emitted/s", number: true, cell: ({ state }) => format.rate(state.emitted) },
    { header: "Executed/s", number: true, cell: ({ state }) => format.rate(state.executed) },
    { header: "Busy", cell: ({ state }) => shareCell(loadOf(state), format.percent(loadOf(state))) },
    { header: "Blocked", cell: ({ state }) => shareCell(state.blocked, format.percent(state.blocked)) },
    {
      header: "Queue",
      number: true,
      cell: ({ state }) => (state.fill === null ? format.count(state.queued) : format.percent(state.fill)),
    },
    { header: "Median", number: true, cell: ({ state }) => format.duration(state.p50) },
    { header: "p99", number: true, cell: ({ state }) => format.duration(state.p99) },
    { header: "Failed", number: true, cell: ({ state }) => format.count(state.failedTotal) },
    { header: "Errors", number: true, cell: ({ state }) => format.count(state.errors) },
  ];
  const table = liveTable("Components", columns);
  const update = (live) => {
    const rows = graph.components
      .filter(({ id }) => live.components[id] !== undefined)
      .map(({ id }) => ({ id, state: live.components[id] }));
    table.update(rows, ({ id }) => id);
  };
  return { element: table.element, update };
}
