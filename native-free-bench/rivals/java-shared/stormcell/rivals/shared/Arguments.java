package stormcell.rivals.shared;

import java.util.Map;
import java.util.TreeMap;

/** The {@code key=value} arguments of a rival program; a missing or malformed one ends the program with its name. */
public final class Arguments {
    private final Map<String, String> values = new TreeMap<>();

    public Arguments(String[] args) {
        for (String arg : args) {
            int equals = arg.indexOf('=');
            if (equals < 1) throw new IllegalArgumentException("not key=value: " + arg);
            values.put(arg.substring(0, equals), arg.substring(equals + 1));
        }
    }

    public String text(String key) {
        String value = values.get(key);
        if (value == null) throw new IllegalArgumentException("missing argument: " + key);
        return value;
    }

    public double number(String key) {
        return Double.parseDouble(text(key));
    }

    public int count(String key) {
        return Integer.parseInt(text(key));
    }

    /** All arguments whose key begins with {@code prefix}, without it: numbers and booleans as such. */
    public Map<String, Object> settings(String prefix) {
        Map<String, Object> settings = new TreeMap<>();
        values.forEach((key, value) -> {
            if (key.startsWith(prefix)) settings.put(key.substring(prefix.length()), typed(value));
        });
        return settings;
    }

    private static Object typed(String value) {
        if (value.equals("true") || value.equals("false")) return Boolean.valueOf(value);
        if (value.matches("-?\\d+")) return Integer.valueOf(value);
        if (value.matches("-?\\d+\\.\\d+")) return Double.valueOf(value);
        return value;
    }
}
