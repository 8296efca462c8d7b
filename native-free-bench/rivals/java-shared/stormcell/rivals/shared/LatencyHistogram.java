package stormcell.rivals.shared;

/**
 * Latencies in buckets less than 1 % wide, for one writing thread. The same buckets as in
 * {@code native-free-bench/input/latency-histogram.ts}, so that both sides round alike.
 */
public final class LatencyHistogram {
    private static final int BITS = 7;

    private final long[] buckets = new long[64 << BITS];
    private long maxNanos;

    public void add(long nanos) {
        long value = Math.max(nanos, 0);
        buckets[bucketOf(value)]++;
        if (value > maxNanos) maxNanos = value;
    }

    public void addAll(LatencyHistogram other) {
        for (int index = 0; index < buckets.length; index++) buckets[index] += other.buckets[index];
        maxNanos = Math.max(maxNanos, other.maxNanos);
    }

    public long total() {
        long total = 0;
        for (long count : buckets) total += count;
        return total;
    }

    /** Upper edge of the bucket in which {@code share} (0 to 1) of the latencies lie at or below. */
    public double quantileMs(double share) {
        long rank = Math.max(1, (long) Math.ceil(share * total()));
        long seen = 0;
        for (int index = 0; index < buckets.length; index++) {
            seen += buckets[index];
            if (seen >= rank) return Math.min(lowerEdge(index + 1), maxNanos) / 1e6;
        }
        return maxNanos / 1e6;
    }

    public double maxMs() {
        return maxNanos / 1e6;
    }

    private static int bucketOf(long value) {
        int exponent = Math.max(0, 63 - BITS - Long.numberOfLeadingZeros(value));
        return (exponent << BITS) + (int) (value >>> exponent);
    }

    private static long lowerEdge(int index) {
        int exponent = Math.max(0, (index >> BITS) - 1);
        return ((long) index - ((long) exponent << BITS)) << exponent;
    }
}
