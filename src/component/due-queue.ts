interface Due<T> {
  readonly item: T;
  readonly dueMs: number;
  readonly order: number;
}

/** Things that wait for their time: the earliest first, and those of one time in the order in which they came. */
export class DueQueue<T> {
  readonly #heap: Due<T>[] = [];
  #orders = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Infinity when nothing waits. */
  get nextDueMs(): number {
    return this.#heap[0]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  add(item: T, dueMs: number): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push({ item, dueMs, order: this.#orders++ });
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(heap[at]!, heap[parent]!)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  /** The first, which must be there. */
  take(): T {
    const heap = this.#heap;
    const { item } = heap[0]!;
    const last = heap.pop()!;
    if (heap.length === 0) return item;
    heap[0] = last;
    for (let at = 0; ; ) {
      let first = at;
      for (const child of [at * 2 + 1, at * 2 + 2]) {
        if (child < heap.length && isBefore(heap[child]!, heap[first]!)) first = child;
      }
      if (first === at) return item;
      this.#swap(at, first);
      at = first;
    }
  }

  #swap(a: number, b: number): void {
    const heap = this.#heap;
    const kept = heap[a]!;
    heap[a] = heap[b]!;
    heap[b] = kept;
  }
}

function isBefore<T>(a: Due<T>, b: Due<T>): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
