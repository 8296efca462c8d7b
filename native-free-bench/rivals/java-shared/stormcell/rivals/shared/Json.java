package stormcell.rivals.shared;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** One line of JSON. Keys and words are plain letters, so nothing needs escaping. */
final class Json {
    private final StringJoiner members = new StringJoiner(",", "{", "}");

    Json number(String key, double value) {
        members.add("\"" + key + "\":" + plain(value));
        return this;
    }

    Json numbers(String key, long[] values) {
        members.add("\"" + key + "\":" + Arrays.toString(values));
        return this;
    }

    /** The counts of every sink as an object of their own: two sinks with the same word would be a wrong grouping. */
    Json words(String key, List<Board.Sink> sinks) {
        StringJoiner objects = new StringJoiner(",", "[", "]");
        for (Board.Sink sink : sinks) {
            StringJoiner counts = new StringJoiner(",", "{", "}");
            for (Map.Entry<String, long[]> entry : sink.words.entrySet()) {
                counts.add("\"" + entry.getKey() + "\":" + entry.getValue()[0]);
            }
            objects.add(counts.toString());
        }
        members.add("\"" + key + "\":" + objects);
        return this;
    }

    Json latencies(String key, LatencyHistogram histogram) {
        String[] names = {"p50", "p90", "p99", "p999"};
        double[] shares = {0.5, 0.9, 0.99, 0.999};
        StringJoiner figures = new StringJoiner(",", "{", "}");
        figures.add("\"samples\":" + histogram.total());
        for (int index = 0; index < names.length; index++) {
            figures.add("\"" + names[index] + "\":" + plain(histogram.quantileMs(shares[index])));
        }
        figures.add("\"max\":" + plain(histogram.maxMs()));
        members.add("\"" + key + "\":" + figures);
        return this;
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.format(Locale.ROOT, "%.6f", value);
    }

    @Override
    public String toString() {
        return members.toString();
    }
}
