import { ApiError, getJson, mayChange, post, topologyPath } from "./api.js";
import { el, liveTable, setText } from "./dom.js";
import * as format from "./format.js";

const PERCENT = "1";
const LOOK_MS = 2_000;
const TREES_SHOWN = 10;

/** The last tuples of a component, and the ways of trees, for as long as the page is asked to sample them. */
export function inspectorView({ graph }) {
  const note = el("p", { class: "quiet", role: "status" });
  if (!graph.tools.inspector) setText(note, "This process does not offer the event inspector.");
  else if (!mayChange) setText(note, "Tuples are shown to who opened the link with the token.");
  if (!graph.tools.inspector || !mayChange) return { element: el("section", {}, note), update() {} };

  const choose = el("select", {}, ...graph.components.map(({ id }) => el("option", { value: id, text: id })));
  const percent = el("input", { type: "number", min: 0, max: 100, step: "any", value: PERCENT });
  const tuples = tuplesTable();
  const hops = hopsTable();
  const act = (action) => async () => {
    try {
      await post(topologyPath(graph.id, "component", choose.value, "debug", action, percent.value));
      setText(note, action === "enable" ? `Sampling ${percent.value} % of ${choose.value}.` : "Sampling is off.");
    } catch (error) {
      setText(note, `That did not work: ${error.message}.`);
    }
  };
  const actOnAll = (action) => async () => {
    try {
      await post(topologyPath(graph.id, "debug", action, percent.value));
      setText(note, action === "enable" ? `Sampling ${percent.value} % everywhere.` : "Sampling is off everywhere.");
    } catch (error) {
      setText(note, `That did not work: ${error.message}.`);
    }
  };
  const timer = setInterval(async () => {
    try {
      const { events } = await getJson(topologyPath(graph.id, "component", choose.value, "events"));
      tuples.update(
        events.map((event, index) => ({ ...event, index })),
        ({ index }) => index,
      );
      const { trees } = await getJson(topologyPath(graph.id, "trees"));
      hops.update(hopsOf(trees.slice(0, TREES_SHOWN)), ({ tree, hop }) => `${tree} ${hop}`);
    } catch (error) {
      if (!(error instanceof ApiError)) return;
      setText(note, `The tuples could not be read: ${error.message}.`);
    }
  }, LOOK_MS);
  const button = (text, onclick) => el("button", { type: "button", text, onclick });
  const form = el(
    "p",
    { class: "actions" },
    el("label", {}, "Component ", choose),
    el("label", {}, "Percent ", percent),
    button("Sample", act("enable")),
    button("Off", act("disable")),
    button("Sample all components", actOnAll("enable")),
    button("All off", actOnAll("disable")),
  );
  const element = el("section", {}, form, note, tuples.element, hops.element);
  return { element, update() {}, close: () => clearInterval(timer) };
}

function tuplesTable() {
  return liveTable("Sampled tuples", [
    { header: "Time", cell: ({ timeMs }) => timeOfDay(timeMs) },
    { header: "Task", cell: ({ task }) => String(task) },
    { header: "Stream", cell: ({ stream }) => stream },
    { header: "Values", cell: ({ values }) => JSON.stringify(values) },
  ]);
}

function hopsTable() {
  const number = (header, cell) => ({ header, number: true, cell });
  return liveTable("Ways of sampled trees", [
    { header: "Seen", cell: ({ timeMs, hop }) => (hop === 0 ? timeOfDay(timeMs) : "") },
    { header: "Executed by", cell: ({ component, task }) => `${component}, task ${task}` },
    { header: "From", cell: ({ source, stream }) => `${source}, ${stream}` },
    number("Queued", ({ queuedMs }) => format.duration(queuedMs)),
    number("Executing", ({ executeMs }) => format.duration(executeMs)),
    number("Began after", ({ beganMs }) => format.duration(beganMs)),
    { header: "Values", cell: ({ values }) => JSON.stringify(values) },
  ]);
}

/** A row per hop, the newest tree first. */
function hopsOf(trees) {
  return trees.flatMap(({ timeMs, hops }, tree) => hops.map((each, hop) => ({ ...each, timeMs, tree, hop })));
}

function timeOfDay(timeMs) {
  return new Date(timeMs).toISOString().slice(11, 23);
}
