import { getJson, topologyPath } from "./api.js";
import { bars, timePlot } from "./chart.js";
import { el, linkCell, liveTable, setText, shareCell } from "./dom.js";
import * as format from "./format.js";

const REFRESH_MS = 2_000;
const WINDOW = "10";

/** One component: its tasks and streams, how long it takes, and how that went over time. */
export function componentView({ graph, id, history, hrefOf }) {
  const component = graph.components.find((candidate) => candidate.id === id);
  if (component === undefined) return { element: el("p", { text: `There is no component "${id}".` }), update() {} };
  const isSource = component.kind === "spout" || component.kind === "feeder";
  const plots = plotsOf(isSource);
  const tables = tablesOf(hrefOf, isSource);
  const histogram = el("div");
  const own = el("section", { hidden: true }, tables.own.element);
  const failure = el("p", { class: "quiet" });
  const element = el(
    "div",
    {},
    el("h2", { text: `${component.kind} ${format.componentName(id)}` }),
    failure,
    el("div", { class: "plots" }, ...plots.map(({ plot }) => plot.element)),
    el("section", {}, tables.latency.element, el("h3", { text: "Histogram since the start" }), histogram),
    el("section", {}, tables.tasks.element),
    el("section", {}, tables.inputs.element),
    el("section", {}, tables.outputs.element),
    own,
    el("section", {}, tables.errors.element),
  );
  const stop = new AbortController();
  const histogramName = isSource ? "complete" : "execute";

  async function refresh() {
    try {
      const [page, { buckets }] = await Promise.all([
        getJson(`${topologyPath(graph.id, "component", id)}?window=${WINDOW}`, stop.signal),
        getJson(topologyPath(graph.id, "component", id, "histogram", histogramName), stop.signal),
      ]);
      fillTables(tables, page);
      own.hidden = Object.keys(page.user).length === 0;
      if (buckets.length > 0) histogram.replaceChildren(bars(`${histogramName} latency`, buckets));
      else setText(histogram, "Nothing was measured, or this process tells no buckets.");
      setText(failure, "");
    } catch (error) {
      if (!stop.signal.aborted) setText(failure, `These numbers are not fresh: ${error.message}.`);
    }
    if (!stop.signal.aborted) timer = setTimeout(refresh, REFRESH_MS);
  }
  let timer = setTimeout(refresh, 0);

  return {
    element,
    update() {
      const points = history.of(id);
      for (const { plot, columns } of plots) plot.update(columns(points));
    },
    close() {
      stop.abort();
      clearTimeout(timer);
      for (const { plot } of plots) plot.destroy();
    },
  };
}

function plotsOf(isSource) {
  const perSecond = (value) => (value === null ? "–" : `${format.rate(value)}/s`);
  const share = (value) => (value === null ? "–" : format.percent(value));
  const rates = isSource ? ["emitted"] : ["executed", "emitted"];
  return [
    {
      plot: timePlot({ title: "Rates", series: rates, text: perSecond }),
      columns: (points) => [points.time, ...rates.map((name) => points[name])],
    },
    {
      plot: timePlot({ title: "Shares of time", series: ["busy", "blocked"], text: share }),
      columns: ({ time, busy, blocked }) => [time, busy, blocked],
    },
    {
      plot: timePlot({ title: "Latency", series: ["median", "p99"], text: format.duration }),
      columns: ({ time, p50, p99 }) => [time, p50, p99],
    },
  ];
}

function tablesOf(hrefOf, isSource) {
  const number = (header, cell) => ({ header, number: true, cell });
  const perSecond = (name) => (task) =>
    task.counts === null ? "–" : format.rate((task.counts[name] * 1000) / Math.max(1, task.spanMs));
  return {
    latency: liveTable("Latency over 10 s", [
      { header: "Of", cell: ({ name }) => name },
      number("Count", ({ summary }) => format.count(summary.count)),
      number("Mean", ({ summary }) => format.duration(summary.mean)),
      number("p50", ({ summary }) => format.duration(summary.p50)),
      number("p90", ({ summary }) => format.duration(summary.p90)),
      number("p99", ({ summary }) => format.duration(summary.p99)),
      number("p99.9", ({ summary }) => format.duration(summary.p999)),
      number("Max", ({ summary }) => format.duration(summary.max)),
    ]),
    tasks: liveTable("Tasks over 10 s", [
      { header: "Task", cell: ({ task }) => String(task) },
      { header: "Worker", cell: ({ worker }) => (worker === null ? "main" : String(worker)) },
      number("Emitted/s", perSecond("emitted")),
      ...(isSource ? [] : [number("Executed/s", perSecond("executed"))]),
      { header: "Busy", cell: ({ shares }) => shareCell(shares?.busy ?? 0, format.percent(shares?.busy ?? 0)) },
      {
        header: "Blocked",
        cell: ({ shares }) => shareCell(shares?.blocked ?? 0, format.percent(shares?.blocked ?? 0)),
      },
      number("Mean execute", ({ executeMs }) => format.duration(executeMs)),
      number("Rows a batch", ({ meanBatchRows }) => (meanBatchRows === null ? "–" : meanBatchRows.toFixed(1))),
      number("Waiting", ({ levels }) => format.count((levels?.waitingRows ?? 0) + (levels?.backlogRows ?? 0))),
      number("Pending trees", ({ levels }) => format.count(levels?.pendingTrees ?? 0)),
    ]),
    inputs: liveTable("Inputs over 10 s", [
      { header: "From", cell: ({ component }) => linkCell(hrefOf(component), component) },
      { header: "Stream", cell: ({ stream }) => stream },
      { header: "Input", cell: ({ input }) => input },
      number("Executed", ({ executed }) => format.count(executed)),
      number("Acked", ({ acked }) => format.count(acked)),
      number("Failed", ({ failed }) => format.count(failed)),
    ]),
    outputs: liveTable("Output streams over 10 s", [
      { header: "Stream", cell: ({ stream }) => stream },
      number("Emitted", ({ emitted }) => format.count(emitted)),
      number("Transferred", ({ transferred }) => format.count(transferred)),
      ...(isSource
        ? [
            number("Acked", ({ acked }) => format.count(acked)),
            number("Failed", ({ failed }) => format.count(failed)),
          ]
        : []),
    ]),
    own: liveTable("Metrics of its own", [
      { header: "Name", cell: ({ name }) => name },
      { header: "Kind", cell: ({ metric }) => metric.kind },
      { header: "Value", cell: ({ metric }) => ownValue(metric) },
    ]),
    errors: liveTable("Errors", [
      { header: "Time", cell: ({ errorTime }) => new Date(errorTime).toLocaleTimeString() },
      { header: "Worker", cell: ({ errorPort }) => (errorPort === null ? "–" : String(errorPort)) },
      { header: "Error", cell: ({ error }) => error },
    ]),
  };
}

function fillTables(tables, page) {
  const latencies = Object.entries(page.latency)
    .filter(([, summary]) => summary !== null)
    .map(([name, summary]) => ({ name, summary }));
  tables.latency.update(latencies, ({ name }) => name);
  tables.tasks.update(page.taskStats, ({ task }) => task);
  const keyOfInput = ({ component, stream, input }) => `${component} ${stream} ${input}`;
  tables.inputs.update(page.inputStats ?? [], keyOfInput);
  tables.outputs.update(page.outputStats, ({ stream }) => stream);
  tables.own.update(
    Object.entries(page.user).map(([name, metric]) => ({ name, metric })),
    ({ name }) => name,
  );
  tables.errors.update(page.componentErrors, ({ errorTime, error }) => `${errorTime} ${error}`);
}

/** What a metric that user code made says, over all tasks. */
function ownValue(metric) {
  const number = (value) => value.toLocaleString("en-US", { maximumFractionDigits: 3 });
  switch (metric.kind) {
    case "counter":
      return format.count(metric.count);
    case "meter":
      return `${format.count(metric.count)}, ${Object.values(metric.perSecond).map(format.rate)[0] ?? 0}/s`;
    case "gauge":
      return `${number(metric.sum)} in all, ${number(metric.min)} to ${number(metric.max)} by task`;
    default: {
      const [summary] = Object.values(metric.windows);
      if (!summary) return "–";
      return `p50 ${number(summary.p50)}, p99 ${number(summary.p99)}, max ${number(summary.max)}`;
    }
  }
}
