import { el, setText } from "./dom.js";
import * as format from "./format.js";

const WIDTH_MIN = 320;
const HEIGHT = 180;
/** A plot that has just begun shows this much time. */
const SPAN_SECONDS_MIN = 60;
const BARS_WIDTH = 640;
const BARS_HEIGHT = 150;

const plotting = import("/vendor/uplot.js").then(
  (module) => module.default,
  () => null, // Not installed: numbers are shown without plots.
);

function colours() {
  const style = getComputedStyle(document.documentElement);
  const [accent, blocked, text, line] = ["--accent", "--blocked", "--quiet", "--line"].map((name) =>
    style.getPropertyValue(name).trim(),
  );
  return { series: [accent, blocked], text, line };
}

/**
 * A plot over time. Who cannot see it reads its numbers from the tables beside it: so it has a name, and its newest
 * values as text.
 *
 * @param settings { title, series: labels, text(value) }
 */
export function timePlot({ title, series, text }) {
  const place = el("div", { role: "img", "aria-label": title });
  const latest = el("p", { class: "quiet" });
  const element = el("section", {}, el("h3", { text: title }), place, latest);
  let plot = null;
  let data = null;
  let isDestroyed = false;
  // The width is known once the place is on the page.
  void Promise.all([plotting, nextFrame()]).then(([UPlot]) => {
    if (UPlot === null || isDestroyed) return;
    const { series: strokes, text: stroke, line } = colours();
    const axis = { stroke, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    plot = new UPlot(
      {
        width: Math.max(WIDTH_MIN, place.clientWidth || WIDTH_MIN),
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          x: {
            range: (_plot, min, max) => [
              Math.min(min ?? 0, (max ?? SPAN_SECONDS_MIN) - SPAN_SECONDS_MIN),
              max ?? SPAN_SECONDS_MIN,
            ],
          },
          y: { range: (_plot, _min, max) => [0, Math.max(max ?? 0, 1e-9) * 1.1] },
        },
        axes: [axis, { ...axis, size: 70, values: (_plot, values) => values.map(text) }],
        series: [{}, ...series.map((label, index) => ({ label, stroke: strokes[index], width: 2 }))],
      },
      data ?? [[], ...series.map(() => [])],
      place,
    );
  });

  /** @param columns times in seconds, then a list for each series */
  function update(columns) {
    data = columns;
    plot?.setData(columns);
    const now = series.map((label, index) => `${label} ${text(columns[index + 1].at(-1) ?? null)}`);
    setText(latest, now.join(" · "));
  }
  function destroy() {
    isDestroyed = true;
    plot?.destroy();
  }
  return { element, update, destroy };
}

function nextFrame() {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}

/** A histogram as bars, its values on a scale that doubles: buckets are merged to at most forty bars. */
export function bars(title, buckets) {
  const merged = mergeBuckets(buckets);
  const most = Math.max(1, ...merged.map(({ count }) => count));
  const step = BARS_WIDTH / Math.max(1, merged.length);
  const total = merged.reduce((sum, { count }) => sum + count, 0);
  const shapes = merged.map(({ fromMs, toMs, count }, index) => {
    const height = Math.max(count > 0 ? 1 : 0, (count / most) * BARS_HEIGHT);
    const label = `${format.duration(fromMs)} to ${format.duration(toMs)}: ${format.count(count)}`;
    return el(
      "rect",
      { x: index * step + 1, y: BARS_HEIGHT - height, width: Math.max(1, step - 2), height },
      el("title", { text: label }),
    );
  });
  const ends =
    merged.length === 0
      ? []
      : [
          el("text", { x: 0, y: BARS_HEIGHT + 15, text: format.duration(merged[0].fromMs) }),
          el("text", {
            x: BARS_WIDTH,
            y: BARS_HEIGHT + 15,
            "text-anchor": "end",
            text: format.duration(merged.at(-1).toMs),
          }),
        ];
  return el(
    "svg",
    {
      class: "bars",
      viewBox: `0 0 ${BARS_WIDTH} ${BARS_HEIGHT + 20}`,
      width: "100%",
      role: "img",
      "aria-label": `${title}: ${format.count(total)} values`,
    },
    ...shapes,
    ...ends,
  );
}

const BARS_MAX = 40;

export function mergeBuckets(buckets) {
  const per = Math.ceil(buckets.length / BARS_MAX);
  const merged = [];
  for (let at = 0; at < buckets.length; at += per) {
    const group = buckets.slice(at, at + per);
    const count = group.reduce((sum, bucket) => sum + bucket.count, 0);
    merged.push({ fromMs: group[0].fromMs, toMs: group.at(-1).toMs, count });
  }
  return merged;
}
