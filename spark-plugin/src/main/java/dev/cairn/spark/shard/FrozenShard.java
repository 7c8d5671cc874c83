package dev.cairn.spark.shard;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A shard as it was at the instant of {@link ParameterShard#freeze()}, whatever training does
 * afterwards. It shares the shard's arrays; a block that training changes while it is still held
 * here is copied once, by the changing side.
 *
 * <p>For one {@link #drain}, or for any number of {@link #forEach}. {@link #close()} may come from
 * another thread at any time, also in the middle, and never disturbs a block that a sink is
 * reading. What is neither drained nor closed is copied needlessly when training changes it.
 */
public final class FrozenShard implements AutoCloseable {

  /** Takes blocks one after the other. */
  @FunctionalInterface
  public interface Sink {
    /** Takes one block; its array may be read until this method returns. */
    void accept(FrozenBlock block) throws IOException;
  }

  record Entry(ParameterLayout.Block block, Optional<String> slot, BlockArray array) {
    FrozenBlock frozen() {
      return new FrozenBlock(block.variable(), slot, block.firstRow(), block.rows(), array.data);
    }
  }

  private final AtomicReferenceArray<@Nullable Entry> entries;
  private final long bytes;
  private volatile boolean closed;

  FrozenShard(List<Entry> entries) {
    this.entries = new AtomicReferenceArray<>(entries.toArray(Entry[]::new));
    this.bytes = entries.stream().mapToLong(e -> (long) Float.BYTES * e.array().data.length).sum();
  }

  /** Bytes that {@link #drain} hands over in all. */
  public long bytes() {
    return bytes;
  }

  /**
   * Hands every block to the sink in disk order (variable after variable; of each its values, then
   * slot after slot; in each the rows ascending), and releases each block as soon as the sink has
   * returned, so that memory falls while writing. Whatever the sink throws is thrown here; what was
   * not handed over waits for {@link #close()} then.
   *
   * @throws IllegalStateException when this was drained or closed before, or is closed meanwhile
   */
  public void drain(Sink sink) throws IOException {
    for (int i = 0; i < entries.length(); i++) {
      Entry entry = entries.getAndSet(i, null);
      if (entry == null) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT,
                "Cannot drain frozen shard: block %d of %d was released before",
                i,
                entries.length()));
      }
      try {
        sink.accept(entry.frozen());
      } finally {
        entry.array().release();
      }
    }
  }

  /**
   * Hands every block to the sink in the same order and keeps them all.
   *
   * @throws IllegalStateException when this was drained or closed before, or is closed meanwhile
   */
  public void forEach(Sink sink) throws IOException {
    for (int i = 0; i < entries.length(); i++) {
      // Taken out while it is read, so that a close in the meantime cannot release it.
      Entry entry = entries.getAndSet(i, null);
      if (entry == null) {
        throw new IllegalStateException(
            String.format(
                Locale.ROOT, "Cannot read frozen shard: block %d was released before", i));
      }
      try {
        sink.accept(entry.frozen());
      } finally {
        entries.set(i, entry);
        if (closed) {
          close();
        }
      }
    }
  }

  /** What is held now. */
  Stream<Entry> stream() {
    return IntStream.range(0, entries.length()).mapToObj(entries::get).filter(Objects::nonNull);
  }

  /** Releases what has not been drained. May be called often. */
  @Override
  public void close() {
    closed = true;
    for (int i = 0; i < entries.length(); i++) {
      Entry entry = entries.getAndSet(i, null);
      if (entry != null) {
        entry.array().release();
      }
    }
  }
}
