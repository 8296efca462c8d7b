package stormcell.rivals;

import static com.hazelcast.function.Functions.wholeItem;
import static com.hazelcast.jet.core.Edge.between;

import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.function.SupplierEx;
import com.hazelcast.jet.config.JobConfig;
import com.hazelcast.jet.core.AbstractProcessor;
import com.hazelcast.jet.core.DAG;
import com.hazelcast.jet.core.Processor;
import com.hazelcast.jet.core.Vertex;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import stormcell.rivals.shared.Arguments;
import stormcell.rivals.shared.Board;
import stormcell.rivals.shared.Lines;
import stormcell.rivals.shared.ParentWatch;
import stormcell.rivals.shared.Sitting;

/**
 * Hazelcast Jet in one process, its processors on two cooperative threads, without a processing guarantee. Arguments:
 * see the README beside this project.
 */
public final class JetRival {
    private static final int THREADS = 2;
    /** A cooperative processor gives its thread back within a millisecond; Jet's queues hold 1,024 items. */
    private static final int ITEMS_PER_CALL = 1_024;

    private JetRival() {}

    public static void main(String[] args) throws Exception {
        ParentWatch.start();
        PrintStream out = System.out;
        // What the library says goes elsewhere: standard output is kept for the one line of the report.
        System.setOut(System.err);
        System.setProperty("hazelcast.logging.type", "none");
        Arguments arguments = new Arguments(args);
        Config config = new Config();
        config.getJetConfig().setEnabled(true).setCooperativeThreadCount(THREADS);
        config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
        config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
        HazelcastInstance instance = Hazelcast.newHazelcastInstance(config);
        instance.getJet().newJob(graph(arguments), new JobConfig());
        Sitting.run(arguments, out);
        // Leaving the cluster of one takes seconds, and nothing of it is measured.
        Runtime.getRuntime().halt(0);
    }

    private static DAG graph(Arguments arguments) {
        DAG graph = new DAG();
        switch (arguments.text("shape")) {
            case "const-null" -> {
                Vertex source = vertex(graph, "const", 1, ConstSource::new);
                Vertex sink = vertex(graph, "null", 1, NullSink::new);
                graph.edge(between(source, sink));
            }
            case "word-count" -> {
                String file = arguments.text("lines");
                Vertex lines = vertex(graph, "lines", arguments.count("spouts"), () -> new LineSource(file));
                Vertex split = vertex(graph, "split", arguments.count("splits"), Split::new);
                Vertex count = vertex(graph, "count", arguments.count("counts"), Count::new);
                graph.edge(between(lines, split)).edge(between(split, count).partitioned(wholeItem()));
            }
            default -> throw new IllegalArgumentException("no such shape: " + arguments.text("shape"));
        }
        return graph;
    }

    private static Vertex vertex(DAG graph, String name, int tasks, SupplierEx<? extends Processor> processor) {
        return graph.newVertex(name, processor::get).localParallelism(tasks);
    }

    /** The same text in every item. */
    private static final class ConstSource extends AbstractProcessor {
        private static final String TEXT = "some data";
        private Board.Source board;
        private long emitted;

        @Override
        protected void init(Context context) {
            board = Board.newSource();
        }

        @Override
        public boolean complete() {
            if (Board.isStopped()) {
                board.due.set(emitted);
                board.exhausted = true;
                return true;
            }
            for (int index = 0; index < ITEMS_PER_CALL && tryEmit(TEXT); index++) emitted++;
            return false;
        }
    }

    /** Lines of a file from memory, pass after pass. */
    private static final class LineSource extends AbstractProcessor {
        private final String file;
        private String[] lines;
        private Board.Source board;
        private int index;
        private long passes;

        LineSource(String file) {
            this.file = file;
        }

        @Override
        protected void init(Context context) {
            lines = Lines.share(file, context.localProcessorIndex(), context.localParallelism());
            board = Board.newSource();
        }

        @Override
        public boolean complete() {
            for (int items = 0; items < ITEMS_PER_CALL; items++) {
                if (index == lines.length) {
                    index = 0;
                    passes++;
                }
                if (index == 0 && Board.isStopped()) {
                    board.passes.set(passes);
                    board.due.set(passes * Lines.wordsIn(lines));
                    board.exhausted = true;
                    return true;
                }
                if (!tryEmit(lines[index])) return false;
                index++;
            }
            return false;
        }
    }

    private static final class Split extends AbstractProcessor {
        private String line;
        private int start;

        /** Goes on where the outbox was full: Jet offers the same line again until this says that it is done. */
        @Override
        protected boolean tryProcess(int ordinal, Object item) {
            if (line == null) {
                line = (String) item;
                start = 0;
            }
            while (start <= line.length()) {
                int space = line.indexOf(' ', start);
                int end = space < 0 ? line.length() : space;
                if (!tryEmit(line.substring(start, end))) return false;
                start = end + 1;
            }
            line = null;
            return true;
        }
    }

    private static final class Count extends AbstractProcessor {
        private final Map<String, long[]> words = new HashMap<>();
        private Board.Sink board;
        private long arrived;

        @Override
        protected void init(Context context) {
            board = Board.newSink();
            board.words = words;
        }

        @Override
        protected boolean tryProcess(int ordinal, Object item) {
            words.computeIfAbsent((String) item, word -> new long[1])[0]++;
            board.arrived.lazySet(++arrived);
            return true;
        }
    }

    private static final class NullSink extends AbstractProcessor {
        private Board.Sink board;
        private long arrived;

        @Override
        protected void init(Context context) {
            board = Board.newSink();
        }

        @Override
        protected boolean tryProcess(int ordinal, Object item) {
            board.characters += ((String) item).length();
            board.arrived.lazySet(++arrived);
            return true;
        }
    }
}
