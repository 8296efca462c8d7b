import { listTopologies, mayChange, post, topologyPath } from "./api.js";
import { componentView } from "./component-view.js";
import { el, setAttribute, setText } from "./dom.js";
import * as format from "./format.js";
import { History } from "./history.js";
import { inspectorView } from "./inspector-view.js";
import { listen } from "./live.js";
import { configurationView, errorsView, workersView } from "./tables-view.js";
import { topologyView } from "./topology-view.js";

const LIST_MS = 5_000;
const ENDED = ["completed", "drained", "killed", "failed"];
const PAGES = [
  { key: "", title: "Graph", make: topologyView },
  { key: "workers", title: "Workers", make: workersView },
  { key: "errors", title: "Errors", make: errorsView },
  { key: "configuration", title: "Configuration", make: configurationView },
  { key: "inspector", title: "Inspector", make: inspectorView },
];
const byId = (id) => document.getElementById(id);
const parts = {
  main: byId("main"),
  pages: byId("pages"),
  topologies: byId("topologies"),
  state: byId("state"),
  uptime: byId("uptime"),
  headline: byId("headline"),
  announcement: byId("announcement"),
  killDialog: byId("kill-dialog"),
  killWait: byId("kill-wait"),
};
const buttons = { activate: byId("activate"), deactivate: byId("deactivate"), kill: byId("kill") };

/** The topology that is shown: what it is, what it does now, and what was seen of it. */
let shown = null;
let view = null;
/** Counts changes of the page, so that one which was slow to be made does not replace a newer one. */
let turn = 0;

/** "#/t/NAME", "#/t/NAME/workers", "#/t/NAME/c/COMPONENT" */
function readHash() {
  const [, t, id, page, component] = location.hash.split("/").map(safelyDecoded);
  return t === "t" ? { id, page: page ?? "", component } : { id: undefined, page: "" };
}

function safelyDecoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function hrefTo(id, ...rest) {
  return `#/${["t", id, ...rest].map(encodeURIComponent).join("/")}`;
}

/** Only what changes for the whole topology is announced. */
function announce(text) {
  setText(parts.announcement, text);
}

async function refreshList() {
  try {
    const { topologies } = await listTopologies();
    const ids = topologies.map(({ id }) => id);
    const offered = [...parts.topologies.options].map(({ value }) => value);
    if (ids.join("\n") !== offered.join("\n")) {
      parts.topologies.replaceChildren(...ids.map((id) => el("option", { value: id, text: id })));
    }
    const wanted = readHash().id ?? ids[0];
    const state = topologies.find(({ id }) => id === wanted)?.state;
    // Another run may have taken the name of one that has ended.
    const isRunAgain = shown?.hasEnded === true && state !== undefined && !ENDED.includes(state);
    if (wanted === undefined) showState("no topology", "");
    else if (shown?.id !== wanted || isRunAgain) show(wanted);
    if (wanted !== undefined) parts.topologies.value = wanted;
  } catch (error) {
    showDisconnected(error);
  }
}

function show(id) {
  shown?.stop();
  const current = { id, graph: null, live: null, history: new History(), hasEnded: false, stop: () => {} };
  shown = current;
  current.stop = listen(topologyPath(id, "live"), {
    connected() {
      if (parts.state.dataset.state === "disconnected") announce("");
    },
    disconnected: (error) => showDisconnected(error),
    event(name, data) {
      if (shown !== current) return;
      if (name === "graph") {
        // After the connection was lost another run may have taken the name.
        const isSame = JSON.stringify(current.graph?.components) === JSON.stringify(data.components);
        current.graph = data;
        if (!isSame) void showPage();
      } else if (name === "live") takeLive(current, data);
      else if (name === "ended") {
        current.hasEnded = true;
        announce(`${id} has ended: ${data.state}.`);
      }
    },
  });
}

function takeLive(current, live) {
  current.live = live;
  if (live.timeMs !== null) current.history.add(live.timeMs, live.components);
  showState(live.state, format.uptime(live.uptimeMs));
  const failed = live.totals?.failed ?? 0;
  const latency = live.complete === null ? "" : ` · complete p99 ${format.duration(live.complete.p99)}`;
  setText(
    parts.headline,
    `acked ${format.count(live.totals?.acked ?? 0)} · failed ${format.count(failed)}${latency}`,
  );
  // A page that nobody sees is brought up to date when it is seen again.
  if (!document.hidden) view?.update(live);
}

function showState(state, uptime) {
  if (parts.state.dataset.state !== state) {
    if (parts.state.dataset.state !== undefined) announce(`The topology is ${state}.`);
    parts.state.dataset.state = state;
  }
  setText(parts.state, state);
  setText(parts.uptime, uptime);
  buttons.activate.disabled = !mayChange || state !== "inactive";
  buttons.deactivate.disabled = !mayChange || state !== "active";
  buttons.kill.disabled = !mayChange || !["active", "inactive", "draining"].includes(state);
}

function showDisconnected(error) {
  if (parts.state.dataset.state === "disconnected") return;
  showState("disconnected", "");
  announce(`The process cannot be reached: ${error.message}. What is shown is not fresh.`);
}

async function showPage() {
  if (shown === null || shown.graph === null) return;
  turn += 1;
  const mine = turn;
  const { id, graph, history } = shown;
  const { page, component } = readHash();
  const setting = { graph, history, hrefOf: (other) => hrefTo(id, "c", other) };
  const entry = PAGES.find(({ key }) => key === page) ?? PAGES[0];
  const next = page === "c" ? componentView({ ...setting, id: component }) : await entry.make(setting);
  if (mine !== turn) {
    next.close?.();
    return;
  }
  view?.close?.();
  view = next;
  parts.main.replaceChildren(next.element);
  document.title = `${page === "c" ? component : entry.title} · ${id} · stormcell`;
  showNavigation(id, page);
  if (shown.live !== null) next.update(shown.live);
}

function showNavigation(id, page) {
  if (parts.pages.dataset.topology !== id) {
    parts.pages.dataset.topology = id;
    const links = PAGES.map(({ key, title }) =>
      el("a", { href: key === "" ? hrefTo(id) : hrefTo(id, key), text: title }),
    );
    parts.pages.replaceChildren(...links.map((link) => el("li", {}, link)));
  }
  PAGES.forEach(({ key }, index) => {
    const link = parts.pages.children[index].firstElementChild;
    if (key === page) setAttribute(link, "aria-current", "page");
    else link.removeAttribute("aria-current");
  });
}

async function operate(...path) {
  try {
    await post(topologyPath(shown.id, ...path));
  } catch (error) {
    announce(`That did not work: ${error.message}.`);
  }
}

addEventListener("hashchange", () => {
  const { id } = readHash();
  if (id !== undefined && id !== shown?.id) show(id);
  else void showPage();
  parts.main.focus();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && shown?.live) view?.update(shown.live);
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  parts.main.focus();
});
parts.topologies.addEventListener("change", () => {
  location.hash = hrefTo(parts.topologies.value);
});
buttons.activate.addEventListener("click", () => operate("activate"));
buttons.deactivate.addEventListener("click", () => operate("deactivate"));
buttons.kill.addEventListener("click", () => parts.killDialog.showModal());
byId("kill-cancel").addEventListener("click", () => parts.killDialog.close());
byId("kill-confirm").addEventListener("click", () => {
  parts.killDialog.close();
  void operate("kill", parts.killWait.value);
});
if (!mayChange) announce("Opened without the token: this page looks on. The link that the process printed has it.");
setInterval(refreshList, LIST_MS);
void refreshList();
