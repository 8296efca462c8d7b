import { findBottleneck, loadOf } from "./bottleneck.js";
import { el, setAttribute, setText, setVariable } from "./dom.js";
import * as format from "./format.js";
import { layoutGraph, NODE_HEIGHT, NODE_WIDTH } from "./graph-layout.js";

const NAME_LENGTH_MAX = 20;
const BLOCKED_BAR_HEIGHT = 6;
const SCALE_MIN = 0.75;

/** Draws the topology once; what changes afterwards are texts, colours and widths of what is drawn. */
export async function drawGraph(graph, hrefOf) {
  const layout = await layoutGraph(graph);
  const nodes = new Map(graph.components.map((component) => [component.id, drawNode(component, layout, hrefOf)]));
  const edges = graph.edges.map((edge, index) => drawEdge(edge, layout.edges[index]));
  const arrow = el(
    "marker",
    { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 9, markerHeight: 9, orient: "auto" },
    el("path", { d: "M0 0 8 4 0 8z", class: "arrow" }),
  );
  arrow.setAttribute("markerUnits", "userSpaceOnUse");
  const element = el(
    "svg",
    {
      width: layout.width,
      height: layout.height,
      viewBox: `0 0 ${layout.width} ${layout.height}`,
      role: "group",
      "aria-label": "Components of the topology, and the streams between them",
    },
    el("defs", {}, arrow),
    ...edges.map(({ element: group }) => group),
    ...[...nodes.values()].map(({ element: group }) => group),
  );
  // As wide as its place, unless texts would become too small: then it is scrolled.
  element.style.minWidth = `${Math.round(layout.width * SCALE_MIN)}px`;

  function update(live) {
    const bottleneck = findBottleneck(graph, live.components);
    for (const [id, node] of nodes) {
      if (live.components[id] !== undefined) node.update(live.components[id], bottleneck?.id === id);
    }
    const fastest = Math.max(1, ...live.edges);
    edges.forEach((edge, index) => {
      edge.update(live.edges[index] ?? 0, fastest);
    });
    return bottleneck;
  }
  return { element, update };
}

function drawNode({ id, kind, tasks }, layout, hrefOf) {
  const { x, y } = layout.nodes.get(id);
  const whole = format.componentName(id);
  const name = whole.length > NAME_LENGTH_MAX ? `${whole.slice(0, NAME_LENGTH_MAX - 1)}…` : whole;
  const lines = ["rates", "times", "latency"].map((_, index) => el("text", { x: 10, y: 40 + index * 16 }));
  const held = el("rect", { class: "held", x: 0, y: NODE_HEIGHT - BLOCKED_BAR_HEIGHT, width: 0 });
  held.setAttribute("height", BLOCKED_BAR_HEIGHT);
  const open = () => {
    location.hash = hrefOf(id);
  };
  const element = el(
    "g",
    {
      class: "node",
      transform: `translate(${x} ${y})`,
      role: "link",
      tabindex: 0,
      "data-component": id,
      onclick: open,
      onkeydown: (event) => {
        if (event.key === "Enter") open();
      },
    },
    el("title", { text: `${kind} ${whole}` }),
    el("rect", { class: "box", width: NODE_WIDTH, height: NODE_HEIGHT, rx: 8 }),
    held,
    el("text", { class: "name", x: 10, y: 22, text: name }),
    ...lines,
  );
  const count = `${tasks.length} ${tasks.length === 1 ? "task" : "tasks"}`;

  function update(state, isBottleneck) {
    const isSource = kind === "spout" || kind === "feeder";
    const perSecond = format.rate(isSource ? state.emitted : state.executed);
    const load = loadOf(state);
    const [busy, blocked] = [format.percent(load), format.percent(state.blocked)];
    setText(lines[0], `${perSecond}/s · ${count}`);
    setText(lines[1], `busy ${busy} · blocked ${blocked}`);
    setText(lines[2], state.p99 === null ? kind : `${kind} · p99 ${format.duration(state.p99)}`);
    setAttribute(element, "data-bottleneck", isBottleneck);
    setVariable(element, "--load", load.toFixed(2));
    setAttribute(held, "width", Math.round(state.blocked * NODE_WIDTH));
    const note = isBottleneck ? ", holds up the others" : "";
    const label = `${kind} ${whole}, ${count}, ${perSecond} tuples per second, busy ${busy}, blocked ${blocked}${note}`;
    setAttribute(element, "aria-label", label);
  }
  return { element, update };
}

function drawEdge({ from, stream, to, grouping, feedback }, points) {
  const middle = points[Math.floor(points.length / 2)];
  const line = el("path", { d: curve(points), "marker-end": "url(#arrow)" });
  const label = el("text", { x: middle.x, y: middle.y - 8, "text-anchor": "middle" });
  const element = el(
    "g",
    { class: "edge", "data-feedback": String(feedback), "aria-hidden": "true" },
    el("title", { text: `${from}, stream ${stream}, to ${to}: ${grouping}` }),
    line,
    label,
  );
  const streamNote = stream === "default" ? "" : `${stream} `;

  function update(perSecond, fastest) {
    setText(label, `${streamNote}${format.rate(perSecond)}/s`);
    setVariable(element, "--width", (1.2 + (perSecond / fastest) * 3.8).toFixed(1));
  }
  return { element, update };
}

/** Through the middles of the stretches, so that the line bends smoothly at each point. */
function curve(points) {
  const [first, ...rest] = points;
  let path = `M${first.x} ${first.y}`;
  rest.forEach((point, index) => {
    const next = rest[index + 1];
    const end = next === undefined ? point : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    path += `Q${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  return path;
}
