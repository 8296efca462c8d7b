/** The spans that numbers are shown for, as in Storm, and one of 10 s. */
export const WINDOW_NAMES = ["10s", "10m", "3h", "1d", "all"] as const;
/** How far back numbers reach: "10s", "10m", "3h", "1d", or "all" since the start. */
export type WindowName = (typeof WINDOW_NAMES)[number];

interface WindowSpan {
  readonly name: Exclude<WindowName, "all">;
  readonly lengthMs: number;
  readonly slotMs: number;
}

const SPANS: readonly WindowSpan[] = [
  { name: "10s", lengthMs: 10_000, slotMs: 1_000 },
  { name: "10m", lengthMs: 600_000, slotMs: 30_000 },
  { name: "3h", lengthMs: 10_800_000, slotMs: 540_000 },
  { name: "1d", lengthMs: 86_400_000, slotMs: 4_320_000 },
];

interface Slot<Totals> {
  readonly atMs: number;
  readonly totals: Totals;
}

/** What was, when a window begins, and how long that is ago. */
export interface WindowStart<Totals> {
  /** Null for the beginning of everything: all totals were 0. */
  readonly totals: Totals | null;
  readonly spanMs: number;
}

/**
 * Remembers totals as they were at slots of time, so that what a window holds is a subtraction: the total now less
 * the total then. Nothing has to be told apart when it is counted, and a late note makes a span longer, never wrong.
 */
export class RollingWindows<Totals> {
  readonly #startMs: number;
  readonly #slots = new Map<WindowName, Slot<Totals>[]>(SPANS.map(({ name }) => [name, []]));

  constructor(startMs: number) {
    this.#startMs = startMs;
  }

  /**
   * To be called once a second. Keeps totals where a slot is due.
   *
   * @param take makes a copy of the totals: called at most once
   */
  note(nowMs: number, take: () => Totals): void {
    let copy: Slot<Totals> | null = null;
    for (const span of SPANS) {
      const slots = this.#slots.get(span.name)!;
      const newest = slots.at(-1);
      if (this.#slotOf(newest?.atMs ?? this.#startMs, span) >= this.#slotOf(nowMs, span)) continue;
      copy ??= { atMs: nowMs, totals: take() };
      slots.push(copy);
      // The oldest is of use as long as the one behind it is not old enough.
      while (slots.length > 1 && nowMs - slots[1]!.atMs >= span.lengthMs) slots.shift();
    }
  }

  /** Where a window begins that ends now. */
  startOf(window: WindowName, nowMs: number): WindowStart<Totals> {
    const lengthMs = SPANS.find(({ name }) => name === window)?.lengthMs ?? Number.POSITIVE_INFINITY;
    const slots = this.#slots.get(window) ?? [];
    for (let at = slots.length - 1; at >= 0; at--) {
      const spanMs = nowMs - slots[at]!.atMs;
      if (spanMs >= lengthMs) return { totals: slots[at]!.totals, spanMs };
    }
    return { totals: null, spanMs: Math.max(0, nowMs - this.#startMs) };
  }

  /** Slots in use, over all windows: their memory is bounded. */
  get slotCount(): number {
    let count = 0;
    for (const slots of this.#slots.values()) count += slots.length;
    return count;
  }

  /** Rounded to the nearest, so that a call that comes a little early or late falls into the slot that is meant. */
  #slotOf(atMs: number, { slotMs }: WindowSpan): number {
    return Math.round((atMs - this.#startMs) / slotMs);
  }
}
