package dev.cairn.checkpoint.train;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.cairn.checkpoint.graph.Growing;
import dev.cairn.checkpoint.graph.Trackable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A base for classes of one's own whose state is in checkpoints, as {@code tf.Module} is:
 *
 * <pre>{@code
 * final class Net extends AutoTrackable {
 *   final ArrayVariable weight = track("weight", ArrayVariable.zeros(DType.FLOAT, Shape.of(5, 1)));
 * }
 * }</pre>
 *
 * <p>What is tracked after a restore gets the value that was stored for it, at once. Not
 * thread-safe.
 */
public abstract class AutoTrackable implements Growing {
  private final Map<String, Trackable> children = new LinkedHashMap<>();
  private final List<Newcomers> newcomers = new ArrayList<>();

  /** An object that leads to nothing yet. */
  protected AutoTrackable() {}

  /**
   * Leads to a child from now on, instead of another one of this name.
   *
   * @param name of the edge, as a Python object's attribute
   * @return the child
   * @throws java.io.UncheckedIOException if a value was restored for it before and does not fit;
   *     then nothing has changed
   */
  @CanIgnoreReturnValue
  protected <T extends Trackable> T track(String name, T child) {
    Trackable before = children.put(name, child);
    try {
      for (Newcomers one : newcomers) {
        one.came(this, name, child);
      }
      return child;
    } catch (RuntimeException e) {
      if (before == null) {
        children.remove(name);
      } else {
        children.put(name, before);
      }
      throw e;
    }
  }

  @Override
  public Map<String, Trackable> children() {
    return Collections.unmodifiableMap(children);
  }

  @Override
  public void tell(Newcomers to) {
    newcomers.removeIf(to::replaces);
    newcomers.add(to);
  }
}
