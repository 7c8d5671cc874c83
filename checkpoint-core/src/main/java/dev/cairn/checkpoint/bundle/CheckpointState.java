package dev.cairn.checkpoint.bundle;

import dev.cairn.checkpoint.model.CheckpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The file {@code checkpoint} by which TensorFlow finds the newest checkpoint of a folder: text of
 * the protobuf CheckpointState. TensorFlow ignores the whole file if it holds any other field.
 *
 * @param latest path of the newest, relative to the folder
 * @param all all kept, oldest first
 * @param timestamps seconds since 1970 for each of {@code all}, or empty
 * @param lastPreserved seconds since 1970 of the last one kept for good; TensorFlow's manager
 *     adopts only checkpoints younger than this
 */
public record CheckpointState(
    String latest, List<String> all, List<Double> timestamps, double lastPreserved) {

  private static final Pattern LINE =
      Pattern.compile("\\s*(\\w+)\\s*:\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([-+.\\w]+))\\s*(?:#.*)?");

  /** Copies the lists and checks that timestamps, if any, are one a path. */
  public CheckpointState {
    all = List.copyOf(all);
    timestamps = List.copyOf(timestamps);
    if (!timestamps.isEmpty() && timestamps.size() != all.size()) {
      throw new IllegalArgumentException(
          "Cannot describe checkpoints: " + all.size() + " paths, " + timestamps.size() + " times");
    }
  }

  /** The file's text. */
  public String print() {
    StringBuilder text = new StringBuilder();
    text.append("model_checkpoint_path: ").append(quote(latest)).append('\n');
    for (String path : all) {
      text.append("all_model_checkpoint_paths: ").append(quote(path)).append('\n');
    }
    for (double time : timestamps) {
      text.append("all_model_checkpoint_timestamps: ").append(time).append('\n');
    }
    if (!timestamps.isEmpty()) {
      text.append("last_preserved_timestamp: ").append(lastPreserved).append('\n');
    }
    return text.toString();
  }

  /**
   * Parses the file's text.
   *
   * @param file its name, for messages
   */
  public static CheckpointState parse(String text, String file) throws CheckpointException {
    String latest = "";
    List<String> all = new ArrayList<>();
    List<Double> times = new ArrayList<>();
    double preserved = 0;
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      if (line.isBlank() || line.strip().startsWith("#")) {
        continue;
      }
      Matcher field = LINE.matcher(line);
      if (!field.matches()) {
        throw corrupt(file, number, line);
      }
      String quoted = field.group(2);
      String bare = field.group(3);
      try {
        switch (String.valueOf(field.group(1))) {
          case "model_checkpoint_path" -> latest = unquote(quoted);
          case "all_model_checkpoint_paths" -> all.add(unquote(quoted));
          case "all_model_checkpoint_timestamps" -> times.add(Double.valueOf(bare));
          case "last_preserved_timestamp" -> preserved = Double.parseDouble(bare);
          default -> throw corrupt(file, number, line);
        }
      } catch (NullPointerException | IllegalArgumentException e) {
        throw corrupt(file, number, line);
      }
    }
    if (!times.isEmpty() && times.size() != all.size()) {
      throw corrupt(file, number, times.size() + " timestamps for " + all.size() + " paths");
    }
    return new CheckpointState(latest, all, times, preserved);
  }

  private static String quote(String path) {
    return '"' + path.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static String unquote(@org.jspecify.annotations.Nullable String quoted) {
    if (quoted == null) {
      throw new IllegalArgumentException("a path is quoted");
    }
    return quoted.replaceAll("\\\\(.)", "$1");
  }

  private static CheckpointException.Corrupt corrupt(String file, int line, String found) {
    return new CheckpointException.Corrupt(
        "Cannot read checkpoint state: expected a field of CheckpointState in line "
            + line
            + ", found \""
            + (found.length() > 80 ? found.substring(0, 80) + "..." : found)
            + "\" (path="
            + file
            + "); the next save writes it anew");
  }
}
