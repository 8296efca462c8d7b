import { formatBytes, formatSeconds } from "./text-format.ts";

/** Where progress is shown: standard error, or a test's stand-in. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 5_000;
const BAR_WIDTH_MAX = 40;

/** Shows how far a job of known size is: a bar that redraws itself on a terminal, a line now and then elsewhere. */
export class ProgressDisplay {
  readonly #stream: ProgressStream;
  readonly #totalBytes: number;
  readonly #timer: NodeJS.Timeout;
  #bytes = 0;
  /** When the first bytes were done: threads that were still starting are not held against the rate. */
  #startMs = 0;

  constructor(stream: ProgressStream, totalBytes: number) {
    this.#stream = stream;
    this.#totalBytes = totalBytes;
    this.#timer = setInterval(() => this.#draw(), stream.isTTY ? REDRAW_MS : PLAIN_LINE_MS);
    this.#timer.unref();
    if (stream.isTTY) this.#draw();
  }

  update(bytes: number): void {
    if (this.#bytes === 0) this.#startMs = performance.now();
    this.#bytes = bytes;
  }

  /** Writes a line that stays, above the bar. */
  note(line: string): void {
    const { isTTY, columns = 80 } = this.#stream;
    this.#stream.write(isTTY ? `\r${line.slice(0, columns - 1)}\x1b[K\n` : `${line}\n`);
    if (isTTY) this.#draw();
  }

  /** Stops, and clears the bar: what follows stands in its place. */
  end(): void {
    clearInterval(this.#timer);
    if (this.#stream.isTTY) this.#stream.write("\r\x1b[K");
  }

  #draw(): void {
    const text = progressText({
      bytes: this.#bytes,
      totalBytes: this.#totalBytes,
      elapsedMs: this.#bytes === 0 ? 0 : performance.now() - this.#startMs,
    });
    if (!this.#stream.isTTY) {
      this.#stream.write(`${text}\n`);
      return;
    }
    // One column stays free: a terminal that wraps would leave a line behind at every redraw.
    const columns = (this.#stream.columns ?? 80) - 1;
    const barWidth = Math.min(BAR_WIDTH_MAX, columns - text.length - 2);
    const bar = barWidth >= 5 ? `${progressBar(this.#bytes / Math.max(1, this.#totalBytes), barWidth)}  ` : "";
    this.#stream.write(`\r${(bar + text).slice(0, columns)}\x1b[K`);
  }
}

/** Such as " 45 %  36.7 of 81.6 MB  24.1 MB/s  2 s left". */
export function progressText(state: { bytes: number; totalBytes: number; elapsedMs: number }): string {
  const { bytes, totalBytes, elapsedMs } = state;
  const bytesPerMs = bytes / Math.max(1, elapsedMs);
  const share = totalBytes === 0 ? 1 : Math.min(1, bytes / totalBytes);
  const parts = [
    `${String(Math.floor(share * 100)).padStart(3)} %`,
    `${formatBytes(bytes)} of ${formatBytes(totalBytes)}`,
    `${formatBytes(bytesPerMs * 1_000)}/s`,
  ];
  if (bytesPerMs > 0 && share < 1) parts.push(`${formatSeconds((totalBytes - bytes) / bytesPerMs)} left`);
  return parts.join("  ");
}

function progressBar(share: number, width: number): string {
  const filled = Math.round(Math.min(1, share) * width);
  return "━".repeat(filled) + "─".repeat(width - filled);
}
