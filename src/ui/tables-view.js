import { getJson, topologyPath } from "./api.js";
import { el, linkCell, liveTable, setText } from "./dom.js";
import * as format from "./format.js";

/** What runs where. */
export function workersView({ graph, hrefOf }) {
  const componentOf = new Map(graph.components.flatMap(({ id, tasks }) => tasks.map(({ task }) => [task, id])));
  const number = (header, cell) => ({ header, number: true, cell });
  const table = liveTable("Workers", [
    { header: "Worker", cell: ({ worker }) => String(worker) },
    { header: "Core", cell: ({ core }) => (core === null ? "not bound" : String(core)) },
    number("Tasks", ({ tasks }) => String(tasks.length)),
    { header: "What runs", cell: ({ tasks }) => tasksCell(tasks, componentOf, hrefOf) },
    number("CPU", ({ stats }) => (stats === null ? "–" : format.percent(stats.cpuShare))),
    number("Heap", ({ stats }) => format.bytes(stats?.heapUsedBytes)),
    number("Garbage collection", ({ stats }) => (stats === null ? "–" : format.percent(stats.gcShare))),
    number("Restarts", ({ stats }) => (stats === null ? "–" : String(stats.restarts))),
  ]);
  const onMain = graph.components.filter(({ tasks }) => tasks.some(({ worker }) => worker === null));
  const main = onMain.length === 0 ? "nothing" : onMain.map(({ id }) => format.componentName(id)).join(", ");
  const note = el("p", { class: "quiet", text: `On the main thread: ${main}.` });
  return {
    element: el("section", {}, table.element, note),
    update: (live) => table.update(live.workers, ({ worker }) => worker),
  };
}

/** Where tasks run does not change: the cell is filled once. */
function tasksCell(tasks, componentOf, hrefOf) {
  const byComponent = new Map();
  for (const task of tasks) {
    const id = componentOf.get(task);
    byComponent.set(id, [...(byComponent.get(id) ?? []), task]);
  }
  return (cell) => {
    if (cell.childNodes.length > 0) return;
    for (const [id, own] of byComponent) {
      cell.append(el("a", { href: hrefOf(id), text: id }), own.length === 1 ? ` ${own[0]}  ` : ` ×${own.length}  `);
    }
  };
}

/** The last errors, the newest first; asked for again when there are more. */
export function errorsView({ graph, hrefOf }) {
  const table = liveTable("Errors", [
    { header: "Time", cell: ({ errorTime }) => new Date(errorTime * 1000).toLocaleTimeString() },
    { header: "What", cell: ({ kind }) => kind.replace("-", " ") },
    {
      header: "Component",
      cell: ({ component }) => (component === null ? "–" : linkCell(hrefOf(component), component)),
    },
    { header: "Task", cell: ({ task }) => (task === null ? "–" : String(task)) },
    { header: "Worker", cell: ({ worker }) => (worker === null ? "–" : String(worker)) },
    { header: "Error", cell: ({ error }) => preCell(error) },
  ]);
  const note = el("p", { class: "quiet", text: "Loading." });
  let shown = -1;
  return {
    element: el("section", {}, note, table.element),
    async update(live) {
      if (live.errorCount === shown) return;
      shown = live.errorCount;
      try {
        const { errors } = await getJson(topologyPath(graph.id, "errors"));
        setText(note, errors.length === 0 ? "" : `${errors.length} of ${live.errorCount}.`);
        table.update(errors, ({ number }) => number);
      } catch (error) {
        setText(note, `The errors could not be read: ${error.message}.`);
        shown = -1;
      }
    },
  };
}

function preCell(text) {
  return (cell) => {
    if (cell.firstElementChild === null) cell.append(el("pre", { tabindex: 0 }));
    setText(cell.firstElementChild, text);
  };
}

/** What is set where. */
export function configurationView({ graph }) {
  const table = liveTable("Configuration", [
    { header: "Option", cell: ({ name }) => name },
    { header: "Value", cell: ({ value }) => (typeof value === "string" ? value : JSON.stringify(value)) },
    { header: "Set by", cell: ({ origin }) => origin },
  ]);
  const note = el("p", { class: "quiet" });
  let isLoaded = false;
  return {
    element: el("section", {}, note, table.element),
    async update() {
      if (isLoaded) return;
      isLoaded = true;
      try {
        const { settings } = await getJson(topologyPath(graph.id, "configuration"));
        const ownFirst = [...settings].sort((one, other) => rank(one) - rank(other));
        table.update(ownFirst, ({ name }) => name);
        setText(note, settings.length === 0 ? "This process does not tell what was set." : "");
      } catch (error) {
        isLoaded = false;
        setText(note, `The configuration could not be read: ${error.message}.`);
      }
    },
  };
}

function rank({ origin }) {
  return origin === "default" ? 1 : 0;
}
