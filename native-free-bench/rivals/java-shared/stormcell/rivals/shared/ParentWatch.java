package stormcell.rivals.shared;

import java.io.IOException;

/** Ends this process when the one that started it is gone: its end of our standard input closes with it. */
public final class ParentWatch {
    private ParentWatch() {}

    public static void start() {
        Thread thread = new Thread(ParentWatch::haltAtEndOfInput, "parent-watch");
        thread.setDaemon(true);
        thread.start();
    }

    private static void haltAtEndOfInput() {
        try {
            while (System.in.read() >= 0) {
                // What comes does not matter, only that it ends.
            }
        } catch (IOException broken) {
            // A broken pipe says the same as its end.
        }
        Runtime.getRuntime().halt(3);
    }
}
