/** Numbers as people read them, the same on every machine. */
const wholeNumbers = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

export function formatCount(count: number): string {
  return wholeNumbers.format(count);
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

export function formatBytes(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1_000 ** power).toFixed(power === 0 ? 0 : 1)} ${BYTE_UNITS[power]}`;
}

export function formatSeconds(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
}

/** A rate per second, such as "4.3 million". */
export function formatRate(count: number, ms: number): string {
  const perSecond = (count / Math.max(1, ms)) * 1_000;
  return perSecond < 1e6 ? formatCount(perSecond) : `${(perSecond / 1e6).toFixed(1)} million`;
}
