/** A whole number with separators: 1,234,567. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString("en-US");
}

/** A rate in few digits: 950, 12.3 k, 4.56 M. */
export function formatRate(perSecond: number): string {
  for (const [size, unit] of [
    [1e9, " G"],
    [1e6, " M"],
    [1e3, " k"],
  ] as const) {
    if (perSecond >= size * 0.9995) return `${(perSecond / size).toPrecision(3)}${unit}`;
  }
  return String(Math.round(perSecond));
}

/** A span for reading: 0.42 s, 12.3 s, 4:05, 1:02:03. */
export function formatElapsed(ms: number): string {
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  const twoDigits = (value: number): string => String(value).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h > 0 ? `${h}:${twoDigits(m)}:${twoDigits(s)}` : `${m}:${twoDigits(s)}`;
}
