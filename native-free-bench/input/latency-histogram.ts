const BITS = 7;
const MANTISSAS = 1 << BITS;
/** Enough for 2^37 ns, more than two minutes: longer ones share the last bucket, and `maxMs` tells them. */
const BUCKETS = 30 * MANTISSAS + MANTISSAS;

/** Quantiles of one run. */
export interface LatencyFigures {
  readonly samples: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

/** Latencies in buckets less than 1 % wide; the rivals in Java use the same ones. */
export class LatencyHistogram {
  readonly #buckets = new Float64Array(BUCKETS);
  #maxNanos = 0;

  add(latencyMs: number): void {
    const nanos = Math.max(0, Math.round(latencyMs * 1e6));
    this.addMany(bucketOf(nanos), 1, nanos);
  }

  /** Takes over `count` latencies of one bucket, the longest of them `maxNanos` long. */
  addMany(bucket: number, count: number, maxNanos: number): void {
    this.#buckets[bucket]! += count;
    if (maxNanos > this.#maxNanos) this.#maxNanos = maxNanos;
  }

  /** The buckets that are not empty, to be sent as rows: bucket, count, longest latency of all. */
  *rows(): Generator<[bucket: number, count: number, maxNanos: number]> {
    for (const [bucket, count] of this.#buckets.entries()) {
      if (count > 0) yield [bucket, count, this.#maxNanos];
    }
  }

  figures(): LatencyFigures {
    const samples = this.#buckets.reduce((sum, count) => sum + count, 0);
    return {
      samples,
      p50: this.#quantileMs(0.5, samples),
      p90: this.#quantileMs(0.9, samples),
      p99: this.#quantileMs(0.99, samples),
      p999: this.#quantileMs(0.999, samples),
      max: this.#maxNanos / 1e6,
    };
  }

  /** Upper edge of the bucket below which `share` (0 to 1) of the latencies lie. */
  #quantileMs(share: number, samples: number): number {
    const rank = Math.max(1, Math.ceil(share * samples));
    let seen = 0;
    for (const [bucket, count] of this.#buckets.entries()) {
      seen += count;
      if (seen >= rank) return Math.min(lowerEdge(bucket + 1), this.#maxNanos) / 1e6;
    }
    return this.#maxNanos / 1e6;
  }
}

function bucketOf(nanos: number): number {
  if (nanos < 2 * MANTISSAS) return nanos;
  const exponent = Math.floor(Math.log2(nanos)) - BITS;
  return Math.min(BUCKETS - 1, exponent * MANTISSAS + Math.floor(nanos / 2 ** exponent));
}

function lowerEdge(bucket: number): number {
  const exponent = Math.max(0, Math.floor(bucket / MANTISSAS) - 1);
  return (bucket - exponent * MANTISSAS) * 2 ** exponent;
}
