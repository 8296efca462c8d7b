package stormcell.rivals.shared;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the tasks of a topology tell the program, which runs in the same process. Every list is filled while the
 * topology starts; a counter has one writing thread, whose ordered store also publishes what it wrote before: a sink
 * that has counted a tuple has already put it into its map.
 */
public final class Board {
    private static volatile boolean stopped;
    private static final List<Source> sources = new ArrayList<>();
    private static final List<Sink> sinks = new ArrayList<>();

    private Board() {}

    /** A spout task's entries. */
    public static final class Source {
        /** Tuples that sinks will have seen when all of this source's tuples have arrived. */
        public final AtomicLong due = new AtomicLong();
        /** Whole passes over this task's share of the lines. */
        public final AtomicLong passes = new AtomicLong();
        /** Trees emitted, acked and failed. */
        public final AtomicLong trees = new AtomicLong();
        public final AtomicLong acked = new AtomicLong();
        public final AtomicLong failed = new AtomicLong();
        public final LatencyHistogram completeLatency = new LatencyHistogram();
        public volatile boolean exhausted;
    }

    /** A sink task's entries. */
    public static final class Sink {
        public final AtomicLong arrived = new AtomicLong();
        /** Characters of all the texts that arrived at a null bolt. */
        public long characters;
        public Map<String, long[]> words = Map.of();
        public final LatencyHistogram sinkLatency = new LatencyHistogram();
    }

    public static synchronized Source newSource() {
        Source source = new Source();
        sources.add(source);
        return source;
    }

    public static synchronized Sink newSink() {
        Sink sink = new Sink();
        sinks.add(sink);
        return sink;
    }

    public static synchronized List<Source> sources() {
        return List.copyOf(sources);
    }

    public static synchronized List<Sink> sinks() {
        return List.copyOf(sinks);
    }

    public static long arrived() {
        long arrived = 0;
        for (Sink sink : sinks()) arrived += sink.arrived.get();
        return arrived;
    }

    public static boolean isStopped() {
        return stopped;
    }

    /** From now on sources emit no more than what completes their pass. */
    public static void stop() {
        stopped = true;
    }
}
