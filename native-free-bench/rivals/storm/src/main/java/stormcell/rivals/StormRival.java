package stormcell.rivals;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.storm.Config;
import org.apache.storm.LocalCluster;
import org.apache.storm.generated.StormTopology;
import org.apache.storm.spout.SpoutOutputCollector;
import org.apache.storm.task.OutputCollector;
import org.apache.storm.task.TopologyContext;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.TopologyBuilder;
import org.apache.storm.topology.base.BaseRichBolt;
import org.apache.storm.topology.base.BaseRichSpout;
import org.apache.storm.tuple.Fields;
import org.apache.storm.tuple.Tuple;
import org.apache.storm.tuple.Values;
import stormcell.rivals.shared.Arguments;
import stormcell.rivals.shared.Board;
import stormcell.rivals.shared.Lines;
import stormcell.rivals.shared.ParentWatch;
import stormcell.rivals.shared.Sitting;

/**
 * Apache Storm in one process, one worker. Arguments: see the README beside this project; {@code conf.KEY=VALUE} sets
 * an option of the topology.
 */
public final class StormRival {
    private StormRival() {}

    public static void main(String[] args) throws Exception {
        ParentWatch.start();
        PrintStream out = System.out;
        // The library greets on standard output, which is kept for the one line of the report.
        System.setOut(System.err);
        Arguments arguments = new Arguments(args);
        Config config = new Config();
        if (!arguments.text("acked").equals("true")) config.setNumAckers(0);
        config.putAll(arguments.settings("conf."));
        LocalCluster cluster = new LocalCluster();
        cluster.submitTopology("rival", config, topology(arguments));
        Sitting.run(arguments, out);
        // Tearing the cluster down takes seconds, and nothing of it is measured.
        Runtime.getRuntime().halt(0);
    }

    private static StormTopology topology(Arguments arguments) {
        boolean acked = arguments.text("acked").equals("true");
        TopologyBuilder builder = new TopologyBuilder();
        switch (arguments.text("shape")) {
            case "const-only" -> builder.setSpout("const", new LoneSpout(), 1);
            case "const-null" -> {
                builder.setSpout("const", new ConstSpout(acked), 1);
                builder.setBolt("null", new NullBolt(), 1).localOrShuffleGrouping("const");
            }
            case "const-id-null" -> {
                builder.setSpout("const", new ConstSpout(acked), 1);
                builder.setBolt("id", new IdBolt(), 1).localOrShuffleGrouping("const");
                builder.setBolt("null", new NullBolt(), 1).localOrShuffleGrouping("id");
            }
            case "simplified-word-count" -> {
                builder.setSpout("words", new WordSpout(arguments.text("lines"), acked), arguments.count("spouts"));
                builder.setBolt("count", new CountBolt(), arguments.count("counts"))
                    .fieldsGrouping("words", new Fields("word"));
            }
            case "word-count" -> {
                int spouts = arguments.count("spouts");
                builder.setSpout("lines", new LineSpout(arguments.text("lines"), acked), spouts);
                builder.setBolt("split", new SplitBolt(), arguments.count("splits")).localOrShuffleGrouping("lines");
                builder.setBolt("count", new CountBolt(), arguments.count("counts"))
                    .fieldsGrouping("split", new Fields("word"));
            }
            case "timed-word-count" -> {
                builder.setSpout("lines", TimedLineSpout.of(arguments), 1);
                builder.setBolt("split", new TimedSplitBolt(), 1).localOrShuffleGrouping("lines");
                builder.setBolt("count", new TimedCountBolt(), 1).fieldsGrouping("split", new Fields("word"));
            }
            default -> throw new IllegalArgumentException("no such shape: " + arguments.text("shape"));
        }
        return builder.createTopology();
    }

    private abstract static class RivalSpout extends BaseRichSpout {
        transient SpoutOutputCollector collector;
        transient Board.Source board;

        @Override
        public void open(Map<String, Object> conf, TopologyContext context, SpoutOutputCollector spoutCollector) {
            collector = spoutCollector;
            board = Board.newSource();
        }

        @Override
        public void ack(Object id) {
            board.acked.lazySet(board.acked.get() + 1);
        }

        @Override
        public void fail(Object id) {
            board.failed.lazySet(board.failed.get() + 1);
        }
    }

    /** The same text in every tuple, one per call, as in Storm's own performance suite. */
    private static final class ConstSpout extends RivalSpout {
        private static final String TEXT = "some data";
        private final boolean acked;
        private long emitted;

        ConstSpout(boolean acked) {
            this.acked = acked;
        }

        @Override
        public void nextTuple() {
            if (Board.isStopped()) {
                board.due.set(emitted);
                board.trees.set(acked ? emitted : 0);
                board.exhausted = true;
                return;
            }
            emitted++;
            if (acked) collector.emit(new Values(TEXT), emitted);
            else collector.emit(new Values(TEXT));
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("text"));
        }
    }

    /** The same text again and again, which nobody takes: what it emits counts as arrived. */
    private static final class LoneSpout extends RivalSpout {
        private transient Board.Sink sink;
        private long emitted;

        @Override
        public void open(Map<String, Object> conf, TopologyContext context, SpoutOutputCollector spoutCollector) {
            super.open(conf, context, spoutCollector);
            sink = Board.newSink();
        }

        @Override
        public void nextTuple() {
            if (Board.isStopped()) {
                board.due.set(emitted);
                board.exhausted = true;
                return;
            }
            collector.emit(new Values(ConstSpout.TEXT));
            sink.characters += ConstSpout.TEXT.length();
            sink.arrived.lazySet(++emitted);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("text"));
        }
    }

    /** Lines of a file from memory, pass after pass. */
    private static class LineSpout extends RivalSpout {
        private final String file;
        private final boolean acked;
        transient String[] lines;
        private transient long wordsPerPass;
        private int index;
        private long passes;

        LineSpout(String file, boolean acked) {
            this.file = file;
            this.acked = acked;
        }

        @Override
        public void open(Map<String, Object> conf, TopologyContext context, SpoutOutputCollector spoutCollector) {
            super.open(conf, context, spoutCollector);
            int tasks = context.getComponentTasks(context.getThisComponentId()).size();
            lines = Lines.share(file, context.getThisTaskIndex(), tasks);
            wordsPerPass = Lines.wordsIn(lines);
        }

        @Override
        public void nextTuple() {
            if (index == lines.length) {
                index = 0;
                passes++;
            }
            if (index == 0 && Board.isStopped()) {
                board.due.set(passes * wordsPerPass);
                board.trees.set(acked ? passes * lines.length : 0);
                board.passes.set(passes);
                board.exhausted = true;
                return;
            }
            String line = lines[index++];
            if (acked) collector.emit(new Values(line), index);
            else collector.emit(new Values(line));
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("line"));
        }
    }

    /** The words of the lines, one per tuple. */
    private static final class WordSpout extends LineSpout {
        WordSpout(String file, boolean acked) {
            super(file, acked);
        }

        @Override
        public void open(Map<String, Object> conf, TopologyContext context, SpoutOutputCollector spoutCollector) {
            super.open(conf, context, spoutCollector);
            List<String> words = new ArrayList<>();
            for (String line : lines) Lines.eachWord(line, words::add);
            lines = words.toArray(String[]::new);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("word"));
        }
    }

    private abstract static class RivalBolt extends BaseRichBolt {
        transient OutputCollector collector;

        @Override
        public void prepare(Map<String, Object> conf, TopologyContext context, OutputCollector boltCollector) {
            collector = boltCollector;
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {}
    }

    private static final class IdBolt extends RivalBolt {
        @Override
        public void execute(Tuple tuple) {
            collector.emit(tuple, new Values(tuple.getString(0)));
            collector.ack(tuple);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("text"));
        }
    }

    private static final class NullBolt extends RivalBolt {
        private transient Board.Sink board;
        private long arrived;

        @Override
        public void prepare(Map<String, Object> conf, TopologyContext context, OutputCollector boltCollector) {
            super.prepare(conf, context, boltCollector);
            board = Board.newSink();
        }

        @Override
        public void execute(Tuple tuple) {
            board.characters += tuple.getString(0).length();
            board.arrived.lazySet(++arrived);
            collector.ack(tuple);
        }
    }

    private static final class SplitBolt extends RivalBolt {
        @Override
        public void execute(Tuple tuple) {
            Lines.eachWord(tuple.getString(0), word -> collector.emit(tuple, new Values(word)));
            collector.ack(tuple);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("word"));
        }
    }

    private static class CountBolt extends RivalBolt {
        transient Board.Sink board;
        private transient Map<String, long[]> words;
        private long arrived;

        @Override
        public void prepare(Map<String, Object> conf, TopologyContext context, OutputCollector boltCollector) {
            super.prepare(conf, context, boltCollector);
            words = new HashMap<>();
            board = Board.newSink();
            board.words = words;
        }

        @Override
        public void execute(Tuple tuple) {
            words.computeIfAbsent(tuple.getString(0), word -> new long[1])[0]++;
            board.arrived.lazySet(++arrived);
            collector.ack(tuple);
        }
    }

    /**
     * Lines at a fixed rate. Each carries the moment when it was due, or 0 outside of the window, so that a spout that
     * fell behind hides nothing.
     */
    private static final class TimedLineSpout extends RivalSpout {
        private final String file;
        private final double nanosPerLine;
        private final long warmupNanos;
        private final long windowNanos;
        private final long sentences;
        private transient String[] lines;
        private transient long wordsPerPass;
        private long startNanos;
        private long next;

        private TimedLineSpout(String file, double rate, double warmupSeconds, double windowSeconds, long sentences) {
            this.file = file;
            this.nanosPerLine = 1e9 / rate;
            this.warmupNanos = Math.round(warmupSeconds * 1e9);
            this.windowNanos = Math.round(windowSeconds * 1e9);
            this.sentences = sentences;
        }

        static TimedLineSpout of(Arguments arguments) {
            return new TimedLineSpout(
                arguments.text("lines"),
                arguments.number("rate"),
                arguments.number("warmupSeconds"),
                arguments.number("windowSeconds"),
                arguments.count("sentences"));
        }

        @Override
        public void open(Map<String, Object> conf, TopologyContext context, SpoutOutputCollector spoutCollector) {
            super.open(conf, context, spoutCollector);
            lines = Lines.share(file, 0, 1);
            wordsPerPass = Lines.wordsIn(lines);
        }

        @Override
        public void nextTuple() {
            if (next == sentences) {
                board.passes.set(sentences / lines.length);
                board.due.set(sentences / lines.length * wordsPerPass);
                board.trees.set(sentences);
                board.exhausted = true;
                return;
            }
            long now = System.nanoTime();
            if (startNanos == 0) startNanos = now;
            long dueAfter = (long) (next * nanosPerLine);
            if (startNanos + dueAfter > now) return;
            boolean counted = dueAfter >= warmupNanos && dueAfter < warmupNanos + windowNanos;
            long dueNanos = counted ? startNanos + dueAfter : 0;
            collector.emit(new Values(lines[(int) (next % lines.length)], dueNanos), dueNanos);
            next++;
        }

        @Override
        public void ack(Object id) {
            super.ack(id);
            long dueNanos = (Long) id;
            if (dueNanos != 0) board.completeLatency.add(System.nanoTime() - dueNanos);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("line", "dueNanos"));
        }
    }

    private static final class TimedSplitBolt extends RivalBolt {
        @Override
        public void execute(Tuple tuple) {
            Object dueNanos = tuple.getValue(1);
            Lines.eachWord(tuple.getString(0), word -> collector.emit(tuple, new Values(word, dueNanos)));
            collector.ack(tuple);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
            declarer.declare(new Fields("word", "dueNanos"));
        }
    }

    private static final class TimedCountBolt extends CountBolt {
        @Override
        public void execute(Tuple tuple) {
            long dueNanos = tuple.getLong(1);
            if (dueNanos != 0) board.sinkLatency.add(System.nanoTime() - dueNanos);
            super.execute(tuple);
        }
    }
}
