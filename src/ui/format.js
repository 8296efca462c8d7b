/** 1,234,567 */
export function count(value) {
  return Math.round(value).toLocaleString("en-US");
}

/** 950, 12.3 k, 4.56 M */
export function rate(perSecond) {
  for (const [size, unit] of [
    [1e9, " G"],
    [1e6, " M"],
    [1e3, " k"],
  ]) {
    if (perSecond >= size * 0.9995) return `${(perSecond / size).toPrecision(3)}${unit}`;
  }
  return perSecond > 0 && perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
}

export function percent(share) {
  return `${Math.round(share * 100)} %`;
}

/** Milliseconds in the unit that keeps them short; a dash where nothing was measured. */
export function duration(ms) {
  if (ms === null || ms === undefined) return "–";
  if (ms < 0.001) return `${(ms * 1e6).toFixed(0)} ns`;
  if (ms < 1) return `${(ms * 1000).toPrecision(3)} µs`;
  if (ms < 1000) return `${ms.toPrecision(3)} ms`;
  return `${(ms / 1000).toPrecision(3)} s`;
}

/** Ends of the program have ids of the engine's own, which begin with what they are. */
export function componentName(id) {
  return id.startsWith("__output.") ? id.slice("__output.".length) : id;
}

/** 1:02:03 */
export function uptime(ms) {
  const seconds = Math.floor(ms / 1000);
  const two = (value) => String(value).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

export function bytes(value) {
  if (value === null || value === undefined) return "–";
  return value >= 2 ** 30 ? `${(value / 2 ** 30).toFixed(2)} GiB` : `${(value / 2 ** 20).toFixed(1)} MiB`;
}
