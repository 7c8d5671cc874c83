package dev.cairn.checkpoint.graph;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The plan that assigns the tensors of a stored graph to a program's objects, made before one value
 * is read; so a restore is all or nothing. Immutable, thread-safe, but for {@link #arrivals}.
 *
 * <p>{@link #matches} refuses what cannot be restored as a whole: a variable of another shape or
 * dtype, one that the program has and the checkpoint does not (unless {@link #expectPartial}), one
 * that the program has once where two are stored. Tensors that only the checkpoint has are no
 * error: {@link #assertConsumed} makes them one.
 */
public final class Restoration {
  private static final int LISTED = 20;

  /**
   * A variable of the program and the tensor that it takes its value from.
   *
   * @param path the variable's key in the program's own graph
   */
  public record Match(Variable variable, String path, VariableSpec stored) {}

  /** A state of the program and the key of the tensor that it takes its value from. */
  public record StateMatch(State state, String key) {}

  /**
   * All that was found.
   *
   * @param matched variables that fit, in the order of the program's nodes
   * @param states states that fit
   * @param missing variables and states that the program has and the checkpoint does not, with the
   *     nearest names
   * @param leftOver keys that the checkpoint has and the program does not, in the order of the
   *     stored nodes
   * @param otherSlots those of {@code leftOver} that are slots of an optimizer and a variable that
   *     the program has, too
   * @param mismatched variables of another dtype or shape
   * @param shared objects of the program that are one in the checkpoint, or the other way round
   */
  public record Report(
      List<Match> matched,
      List<StateMatch> states,
      List<String> missing,
      List<String> leftOver,
      List<String> otherSlots,
      List<String> mismatched,
      List<String> shared) {

    /** Copies the lists. */
    public Report {
      matched = List.copyOf(matched);
      states = List.copyOf(states);
      missing = List.copyOf(missing);
      leftOver = List.copyOf(leftOver);
      otherSlots = List.copyOf(otherSlots);
      mismatched = List.copyOf(mismatched);
      shared = List.copyOf(shared);
    }

    /** Bytes of the variables that matched, strings not counted. */
    public long bytes() {
      long bytes = 0;
      for (Match match : matched) {
        bytes += match.stored().shape().elements() * match.stored().dtype().elementBytes();
      }
      return bytes;
    }

    /** The report as text: the number of matches, and a line for each list that is not empty. */
    @Override
    public String toString() {
      List<String> lines = new ArrayList<>();
      lines.add((matched.size() + states.size()) + " matched");
      add(lines, "missing", missing);
      add(lines, "left over", leftOver);
      add(lines, "of another kind", mismatched);
      add(lines, "shared otherwise", shared);
      return String.join("; ", lines);
    }

    private static void add(List<String> lines, String what, List<String> found) {
      if (!found.isEmpty()) {
        lines.add(found.size() + " " + what + ": " + some(found));
      }
    }
  }

  private final Report report;
  private final String where;
  private final boolean partial;

  private final List<Trackable> objects;
  private final @Nullable Arrivals arrivals;

  Restoration(
      Report report,
      List<Trackable> objects,
      String where,
      boolean partial,
      @Nullable Arrivals arrivals) {
    this.report = report;
    this.objects = objects;
    this.where = where;
    this.partial = partial;
    this.arrivals = arrivals;
  }

  /**
   * Lays a program's graph over a stored one.
   *
   * @param program made of the program's objects
   * @param stored empty for a file without a graph: then tensors are matched by the keys that the
   *     program's own graph gives
   * @param tensors the tensors of the checkpoint by key
   * @param where the checkpoint, for messages
   */
  public static Restoration of(
      ObjectGraph program,
      Optional<ObjectGraph> stored,
      Map<String, VariableSpec> tensors,
      String where) {
    Bindings bindings = new Bindings(stored.map(ObjectGraph::nodes).orElse(0));
    Report report = new GraphMatcher(program, stored, tensors, bindings).report();
    Arrivals arrivals =
        stored.map(graph -> new Arrivals(graph, tensors, bindings, where)).orElse(null);
    return new Restoration(report, program.objects(), where, false, arrivals);
  }

  /** The program's objects that were laid over the stored graph, the root first. */
  public List<Trackable> objects() {
    return objects;
  }

  /** What there is for objects that come later; empty if the file has no graph. */
  public Optional<Arrivals> arrivals() {
    return Optional.ofNullable(arrivals);
  }

  /** All that was found, whether it can be restored or not. */
  public Report report() {
    return report;
  }

  /**
   * The tensors to read, each with the variable that it is for.
   *
   * @throws Mismatch listing all that does not fit, if anything does not
   */
  public List<Match> matches() throws Mismatch {
    checkRestorable();
    return report.matched();
  }

  /**
   * The states to read.
   *
   * @throws Mismatch as {@link #matches}
   */
  public List<StateMatch> states() throws Mismatch {
    checkRestorable();
    return report.states();
  }

  private void checkRestorable() throws Mismatch {
    refuse(partial ? List.of() : report.missing(), List.of());
  }

  /**
   * The same for a program of which the checkpoint has only a part: what is missing keeps its
   * value.
   */
  public Restoration expectPartial() {
    return new Restoration(report, objects, where, true, arrivals);
  }

  /**
   * Passes if all that the program has is in the checkpoint.
   *
   * @throws Mismatch listing what is not, and what does not fit
   */
  @CanIgnoreReturnValue
  public Restoration assertExistingObjectsMatched() throws Mismatch {
    refuse(report.missing(), List.of());
    return this;
  }

  /**
   * Passes if all that the program has is in the checkpoint, and its optimizers have every slot
   * that those of the checkpoint keep for its variables: else it would go on with another
   * optimizer.
   *
   * @throws Mismatch listing every difference
   */
  @CanIgnoreReturnValue
  public Restoration assertSlotsConsumed() throws Mismatch {
    refuse(report.missing(), report.otherSlots());
    return this;
  }

  /**
   * Passes if program and checkpoint have the same, and all of it fits.
   *
   * @throws Mismatch listing every difference
   */
  @CanIgnoreReturnValue
  public Restoration assertConsumed() throws Mismatch {
    refuse(report.missing(), report.leftOver());
    return this;
  }

  /**
   * Passes if anything matched but the counter of saves, which every program has.
   *
   * @throws Mismatch if nothing else did
   */
  @CanIgnoreReturnValue
  public Restoration assertNontrivialMatch() throws Mismatch {
    boolean any =
        !report.states().isEmpty()
            || report.matched().stream()
                .anyMatch(match -> !match.path().startsWith("save_counter/"));
    if (!any) {
      throw new Mismatch(
          "Cannot restore: nothing of the program is in the checkpoint: "
              + report
              + " ("
              + where
              + "); restore with the structure that was saved");
    }
    return this;
  }

  /**
   * Passes if what matched fits, whatever else there is on either side.
   *
   * @throws Mismatch listing all variables of another dtype or shape
   */
  @CanIgnoreReturnValue
  public Restoration assertFits() throws Mismatch {
    if (!report.mismatched().isEmpty()) {
      throw new Mismatch(
          "Cannot restore: "
              + report.mismatched().size()
              + " of another dtype or shape: "
              + some(report.mismatched())
              + " ("
              + where
              + "); nothing was restored; make the variables as they were saved");
    }
    return this;
  }

  private void refuse(List<String> missing, List<String> leftOver) throws Mismatch {
    List<String> wrong = new ArrayList<>();
    missing.forEach(one -> wrong.add("missing " + one));
    wrong.addAll(report.mismatched());
    wrong.addAll(report.shared());
    leftOver.forEach(one -> wrong.add("unexpected " + one));
    if (!wrong.isEmpty()) {
      throw new Mismatch(
          "Cannot restore: the checkpoint is of another model: "
              + some(wrong)
              + " ("
              + where
              + "); choose the model's own checkpoint folder");
    }
  }

  private static String some(List<String> all) {
    String first = String.join("; ", all.subList(0, Math.min(LISTED, all.size())));
    return all.size() > LISTED ? first + "; and " + (all.size() - LISTED) + " more" : first;
  }
}
