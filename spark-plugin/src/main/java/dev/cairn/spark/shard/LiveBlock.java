package dev.cairn.spark.shard;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.spark.optimizer.Update;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The numbers of one block, its values and slots, which training changes in place, and the frozen
 * views of it. Before a number is changed for the first time after a freeze, the view of that
 * freeze keeps the old one in an {@link UndoLog}; a view of which much changes gets arrays of its
 * own instead. So a freeze costs as much memory as is touched afterwards: little where gradients
 * are sparse, one copy where they are dense.
 *
 * <p>Changes, views and their contents are thread-safe, one after the other under the block's lock,
 * which is held for a copy of the block at most. {@link #values()} is not: {@link ParameterShard}
 * keeps readers and changes apart.
 *
 * <p>Part 0 of a block is its values, part 1 + s its slot s.
 */
final class LiveBlock {
  /**
   * The divisor of a block's size for the largest log: a larger log takes nearly the memory of the
   * block.
   */
  private static final int LOGGED_AT_MOST = 4;

  private final int elements;

  // Written under both this lock and the shard's, so either is enough to read them.
  private final float[][] parts;
  private final float[][] slots;

  @GuardedBy("this")
  private final List<View> views = new ArrayList<>(2);

  /** Makes a block without numbers: {@link #load} every part. */
  LiveBlock(int elements, int slots) {
    this.elements = elements;
    this.parts = new float[1 + slots][];
    this.slots = new float[slots][];
  }

  /** Whether a part has numbers. */
  boolean has(int part) {
    return parts[part] != null;
  }

  /** Whether no part has numbers. */
  boolean empty() {
    for (float[] part : parts) {
      if (part != null) {
        return false;
      }
    }
    return true;
  }

  /** The values as they are now. */
  float[] values() {
    return parts[0];
  }

  /** The number of parts. */
  int parts() {
    return parts.length;
  }

  /** Replaces a part; the array is the block's from now on. */
  synchronized void load(int part, float[] numbers) {
    for (View view : views) {
      view.keepAll();
    }
    set(part, numbers);
  }

  private void set(int part, float[] numbers) {
    parts[part] = numbers;
    if (part > 0) {
      slots[part - 1] = numbers;
    }
  }

  /**
   * Lets an update change some numbers.
   *
   * @param update the update of the step
   * @param places the places of the numbers, all distinct
   * @param count the number of places
   * @return the bytes that were kept for views
   * @throws NotFiniteException when a number is not finite afterwards
   */
  synchronized long apply(Update update, int[] places, int count, double[] gradients) {
    long kept = keep(places, count, null);
    if (!update.apply(parts[0], slots, places, count, gradients)) {
      throw notFinite(places, count);
    }
    return kept;
  }

  private NotFiniteException notFinite(int[] places, int count) {
    for (int i = 0; i < count; i++) {
      for (float[] part : parts) {
        if (!Float.isFinite(part[places[i]])) {
          return new NotFiniteException(places[i], part[places[i]]);
        }
      }
    }
    throw new IllegalStateException("an update says that a number is not finite, and all are");
  }

  @GuardedBy("this")
  private long keep(int[] places, int count, @Nullable View but) {
    long kept = 0;
    for (View view : views) {
      if (view != but) {
        kept += view.keep(places, count);
      }
    }
    return kept;
  }

  /** Freezes the block: returns it as it is now, whatever is changed afterwards. */
  synchronized View freeze() {
    View view = new View();
    views.add(view);
    return view;
  }

  /** An array for one copy at a time. Not thread-safe. */
  static final class Scratch {
    private float[] numbers = {};

    private float[] copy(float[] from) {
      if (numbers.length != from.length) {
        numbers = new float[from.length];
      }
      System.arraycopy(from, 0, numbers, 0, from.length);
      return numbers;
    }
  }

  /** The block as it was at one instant, until every part was released. */
  final class View {
    @GuardedBy("LiveBlock.this")
    private int held = parts.length;

    @GuardedBy("LiveBlock.this")
    private @Nullable UndoLog log;

    /**
     * Arrays of the view's own, never changed once they are here, so that they can be read without
     * the lock.
     */
    @GuardedBy("LiveBlock.this")
    private float @Nullable [][] own;

    /** The block that this is a view of. */
    LiveBlock block() {
      return LiveBlock.this;
    }

    /** Releases one part. */
    void release() {
      synchronized (LiveBlock.this) {
        held--;
        if (held == 0) {
          views.remove(this);
          log = null;
          own = null;
        }
      }
    }

    /**
     * Reads one part as it was.
     *
     * @param scratch the place for it if there is no array that it can be read from
     * @return an array that is not changed before the scratch is used again; null when released
     */
    float @Nullable [] read(int part, Scratch scratch) {
      synchronized (LiveBlock.this) {
        if (held == 0) {
          return null;
        }
        if (own != null) {
          return own[part];
        }
        float[] then = scratch.copy(parts[part]);
        if (log != null) {
          log.undo(part, then);
        }
        return then;
      }
    }

    /**
     * Turns the block itself back to this view; the view stays.
     *
     * @return false when a part was released
     */
    boolean rollBack() {
      synchronized (LiveBlock.this) {
        if (held < parts.length) {
          return false;
        }
        if (own != null) {
          for (int part = 0; part < parts.length; part++) {
            load(part, own[part].clone()); // a reader may still use our arrays
          }
        } else if (log != null) {
          var unused = LiveBlock.this.keep(log.places(), log.count(), this);
          for (int part = 0; part < parts.length; part++) {
            log.undo(part, parts[part]);
          }
          log = null;
        }
        return true;
      }
    }

    private long keep(int[] places, int count) {
      synchronized (LiveBlock.this) {
        if (own != null) {
          return 0;
        }
        if (log == null) {
          log = new UndoLog(elements, parts.length, elements / LOGGED_AT_MOST);
        }
        int before = log.count();
        if (log.keep(parts, places, count)) {
          return (long) Float.BYTES * (1 + parts.length) * (log.count() - before);
        }
        keepAll();
        return (long) Float.BYTES * parts.length * elements;
      }
    }

    private void keepAll() {
      synchronized (LiveBlock.this) {
        if (own != null) {
          return;
        }
        float[][] copies = new float[parts.length][];
        for (int part = 0; part < parts.length; part++) {
          copies[part] = parts[part].clone();
          if (log != null) {
            log.undo(part, copies[part]);
          }
        }
        own = copies;
        log = null;
      }
    }
  }
}
