package stormcell.rivals.shared;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** The text that all sides count, and how all sides cut it into words. */
public final class Lines {
    private Lines() {}

    /** Every {@code taskCount}-th line of the file, beginning with line {@code taskIndex}. */
    public static String[] share(String file, int taskIndex, int taskCount) {
        try {
            List<String> lines = Files.readAllLines(Path.of(file));
            return IntStream.range(0, lines.size())
                .filter(index -> index % taskCount == taskIndex)
                .mapToObj(lines::get)
                .toArray(String[]::new);
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    public static long wordsIn(String[] lines) {
        long words = 0;
        for (String line : lines) words += 1 + line.chars().filter(character -> character == ' ').count();
        return words;
    }

    /** By positions, which is faster than {@code split}. */
    public static void eachWord(String line, Consumer<String> word) {
        int start = 0;
        for (int end = line.indexOf(' '); end >= 0; end = line.indexOf(' ', start)) {
            word.accept(line.substring(start, end));
            start = end + 1;
        }
        word.accept(line.substring(start));
    }
}
