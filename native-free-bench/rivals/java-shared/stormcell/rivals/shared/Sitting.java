package stormcell.rivals.shared;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** One measurement: wait for the first tuple, warm up, count over a window, stop, drain, report one line of JSON. */
public final class Sitting {
    private static final long FIRST_TUPLE_TIMEOUT_MS = 60_000;
    private static final long DRAIN_TIMEOUT_MS = 15_000;
    /** Long enough for a rival that fell some ten seconds behind its rate, and is to be counted all the same. */
    private static final long TIMED_DRAIN_TIMEOUT_MS = 60_000;

    private Sitting() {}

    public static void run(Arguments arguments, PrintStream out) throws IOException, InterruptedException {
        await("a first tuple at a sink", FIRST_TUPLE_TIMEOUT_MS, () -> Board.arrived() > 0);
        Thread.sleep(Math.round(arguments.number("warmupSeconds") * 1_000));
        long countFrom = Board.arrived();
        long nanosFrom = System.nanoTime();
        long cpuFrom = cpuNanos();
        Thread.sleep(Math.round(arguments.number("windowSeconds") * 1_000));
        long count = Board.arrived() - countFrom;
        double seconds = (System.nanoTime() - nanosFrom) / 1e9;
        double cpuSeconds = (cpuNanos() - cpuFrom) / 1e9;
        Board.stop();
        boolean isTimed = arguments.text("shape").startsWith("timed-");
        boolean drained = tryAwait(isTimed ? TIMED_DRAIN_TIMEOUT_MS : DRAIN_TIMEOUT_MS, Sitting::isDrained);
        out.println(report(count, seconds, cpuSeconds, drained));
        out.flush();
    }

    private static boolean isDrained() {
        long due = 0;
        for (Board.Source source : Board.sources()) {
            if (!source.exhausted) return false;
            if (source.acked.get() + source.failed.get() < source.trees.get()) return false;
            due += source.due.get();
        }
        return Board.arrived() >= due;
    }

    private static String report(long count, double seconds, double cpuSeconds, boolean drained) throws IOException {
        Json json = new Json();
        json.number("count", count).number("seconds", seconds).number("cpuSeconds", cpuSeconds);
        json.number("peakRssMb", peakRssMb()).number("drained", drained ? 1 : 0);
        long due = 0;
        long trees = 0;
        long acked = 0;
        long failed = 0;
        LatencyHistogram complete = new LatencyHistogram();
        for (Board.Source source : Board.sources()) {
            due += source.due.get();
            trees += source.trees.get();
            acked += source.acked.get();
            failed += source.failed.get();
            complete.addAll(source.completeLatency);
        }
        json.number("due", due).number("arrived", Board.arrived());
        json.number("trees", trees).number("acked", acked).number("failed", failed);
        json.numbers("passes", Board.sources().stream().mapToLong(source -> source.passes.get()).toArray());
        long characters = 0;
        LatencyHistogram sinkLatency = new LatencyHistogram();
        for (Board.Sink sink : Board.sinks()) {
            characters += sink.characters;
            sinkLatency.addAll(sink.sinkLatency);
        }
        json.number("characters", characters);
        json.words("words", Board.sinks());
        json.latencies("sinkLatency", sinkLatency).latencies("completeLatency", complete);
        return json.toString();
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    /** The highest resident size this process ever had; 0 where the kernel does not tell. */
    private static double peakRssMb() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (!Files.exists(status)) return 0;
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmHWM:")) return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
        }
        return 0;
    }

    private static void await(String what, long timeoutMs, BooleanSupplier condition) throws InterruptedException {
        if (!tryAwait(timeoutMs, condition)) {
            throw new IllegalStateException(what + " did not come within " + timeoutMs + " ms");
        }
    }

    private static boolean tryAwait(long timeoutMs, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + timeoutMs * 1_000_000;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) return false;
            Thread.sleep(10);
        }
        return true;
    }
}
