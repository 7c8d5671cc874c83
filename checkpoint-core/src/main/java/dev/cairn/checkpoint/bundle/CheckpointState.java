package dev.cairn.checkpoint.bundle;

import dev.cairn.checkpoint.model.CheckpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The file {@code checkpoint} by which TensorFlow finds the newest checkpoint of a folder: text of
 * the protobuf CheckpointState. TensorFlow ignores the whole file if it holds any other field.
 *
 * @param latest path of the newest, relative to the folder
 * @param all the paths of all that are kept, oldest first
 * @param timestamps seconds since 1970 for each of {@code all}, or empty
 * @param lastPreserved seconds since 1970 of the last one kept for good; TensorFlow's manager
 *     adopts only checkpoints younger than this
 */
public record CheckpointState(
    String latest, List<String> all, List<Double> timestamps, double lastPreserved) {

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
    TextFields fields = new TextFields(text);
    try {
      while (!fields.atEnd()) {
        String name = fields.name();
        switch (name) {
          case "model_checkpoint_path" -> latest = fields.string();
          case "all_model_checkpoint_paths" -> all.add(fields.string());
          case "all_model_checkpoint_timestamps" -> times.add(fields.number());
          case "last_preserved_timestamp" -> preserved = fields.number();
          default -> throw corrupt(file, fields.line(), "a field of CheckpointState", name);
        }
      }
    } catch (TextFields.Malformed e) {
      throw corrupt(file, fields.line(), String.valueOf(e.getMessage()), fields.found());
    }
    if (!times.isEmpty() && times.size() != all.size()) {
      throw corrupt(
          file,
          fields.line(),
          all.size() + " timestamps, one a path",
          times.size() + " timestamps");
    }
    return new CheckpointState(latest, all, times, preserved);
  }

  private static String quote(String path) {
    StringBuilder quoted = new StringBuilder().append('"');
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      if (c < ' ' || c == 127) {
        quoted.append(String.format(Locale.ROOT, "\\%03o", (int) c));
      } else {
        quoted.append(c == '"' || c == '\\' ? "\\" : "").append(c);
      }
    }
    return quoted.append('"').toString();
  }

  private static CheckpointException.Corrupt corrupt(
      String file, int line, String expected, String found) {
    return new CheckpointException.Corrupt(
        "Cannot read checkpoint state: expected "
            + expected
            + " in line "
            + line
            + ", found "
            + found
            + " (path="
            + file
            + "); the next save writes it anew");
  }
}
