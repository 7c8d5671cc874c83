package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.bundle.CheckpointState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What {@code manager_trace.py} prints: calls of TensorFlow's manager, and what came of each. */
final class ManagerTrace {
  private ManagerTrace() {}

  /**
   * What came of a call; paths relative to the folder.
   *
   * @param returned null for None
   * @param onDisk prefixes in the order of their names
   * @param state null if there is no state file
   */
  record Result(
      @Nullable String returned,
      @Nullable String latest,
      List<String> checkpoints,
      List<String> onDisk,
      @Nullable CheckpointState state) {}

  /** A call. */
  record Call(String verb, List<String> arguments, Result result) {
    double clock() {
      return Double.parseDouble(arguments.get(0));
    }

    /** An argument; null for None. */
    @Nullable String argument(int index) {
      return optional(arguments.get(index));
    }
  }

  private static @Nullable String optional(String field) {
    return field.equals("-") ? null : field;
  }

  /** The sequences, each of which begins in an empty folder. */
  static List<List<Call>> parse(String text) {
    List<List<Call>> sequences = new ArrayList<>();
    String[] before = new String[8];
    for (String line : text.lines().toList()) {
      String[] halves = line.split("\t\\|\t", -1);
      List<String> asked = List.of(halves[0].split("\t", -1));
      String[] results = halves[1].split("\t", -1);
      for (int i = 0; i < results.length; i++) {
        results[i] = results[i].equals("=") ? before[i] : results[i];
      }
      before = results;
      if (asked.get(0).equals("new")) {
        sequences.add(new ArrayList<>());
      }
      sequences
          .get(sequences.size() - 1)
          .add(new Call(asked.get(0), asked.subList(1, asked.size()), result(results)));
    }
    return sequences;
  }

  private static Result result(String[] fields) {
    CheckpointState state =
        fields[4].equals("-")
            ? null
            : new CheckpointState(
                fields[4],
                list(fields[5]),
                list(fields[6]).stream().map(Double::valueOf).toList(),
                Double.parseDouble(fields[7]));
    return new Result(
        optional(fields[0]), optional(fields[1]), list(fields[2]), list(fields[3]), state);
  }

  private static List<String> list(String field) {
    return field.isEmpty() ? List.of() : Arrays.asList(field.split(",", -1));
  }
}
