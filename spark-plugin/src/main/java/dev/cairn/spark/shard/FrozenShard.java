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
 * afterwards. It shares the shard's arrays; the numbers that training changes while their block is
 * still held here are kept by the changing side.
 *
 * <p>It is for one {@link #drain}, or for any number of {@link #forEach}. {@link #close()} may come
 * from another thread at any time, also in the middle, and never disturbs a block that a sink is
 * reading. A frozen shard that is neither drained nor closed costs memory when training changes the
 * shard.
 */
public final class FrozenShard implements AutoCloseable {

  /** Receives blocks one after the other. */
  @FunctionalInterface
  public interface Sink {
    /** Receives one block; its array may be read until this method returns. */
    void accept(FrozenBlock block) throws IOException;
  }

  record Entry(ParameterLayout.Block block, Optional<String> slot, int part, LiveBlock.View view) {
    FrozenBlock frozen(float[] numbers) {
      return new FrozenBlock(block.variable(), slot, block.firstRow(), block.rows(), numbers);
    }
  }

  private final AtomicReferenceArray<@Nullable Entry> entries;
  private final long bytes;

  FrozenShard(List<Entry> entries) {
    this.entries = new AtomicReferenceArray<>(entries.toArray(Entry[]::new));
    this.bytes = entries.stream().mapToLong(e -> (long) Float.BYTES * e.block().elements()).sum();
  }

  /** The bytes that {@link #drain} hands over in all. */
  public long bytes() {
    return bytes;
  }

  /**
   * Hands every block to the sink in disk order (variable after variable; of each its values, then
   * slot after slot; in each the rows ascending), and releases each block as soon as the sink has
   * returned, so that memory falls while writing. Whatever the sink throws is thrown here; blocks
   * that were not handed over wait for {@link #close()} then.
   *
   * @throws IllegalStateException when this was drained or closed before, or is closed meanwhile
   */
  public void drain(Sink sink) throws IOException {
    LiveBlock.Scratch scratch = new LiveBlock.Scratch();
    for (int i = 0; i < entries.length(); i++) {
      Entry entry = entries.getAndSet(i, null);
      if (entry == null) {
        throw released("drain", i);
      }
      float[] numbers;
      try {
        numbers = read("drain", entry, i, scratch);
      } finally {
        entry.view().release();
      }
      sink.accept(entry.frozen(numbers));
    }
  }

  /**
   * Hands every block to the sink in the same order and keeps them all.
   *
   * @throws IllegalStateException when this was drained or closed before, or is closed meanwhile
   */
  public void forEach(Sink sink) throws IOException {
    LiveBlock.Scratch scratch = new LiveBlock.Scratch();
    for (int i = 0; i < entries.length(); i++) {
      Entry entry = entries.get(i);
      if (entry == null) {
        throw released("read", i);
      }
      sink.accept(entry.frozen(read("read", entry, i, scratch)));
    }
  }

  private float[] read(String verb, Entry entry, int i, LiveBlock.Scratch scratch) {
    float[] numbers = entry.view().read(entry.part(), scratch);
    if (numbers == null) {
      throw released(verb, i);
    }
    return numbers;
  }

  private IllegalStateException released(String verb, int i) {
    return new IllegalStateException(
        String.format(
            Locale.ROOT,
            "Cannot %s frozen shard: block %d of %d was released before",
            verb,
            i,
            entries.length()));
  }

  /** The entries that are held now. */
  Stream<Entry> stream() {
    return IntStream.range(0, entries.length()).mapToObj(entries::get).filter(Objects::nonNull);
  }

  /** Releases the blocks that have not been drained. May be called often. */
  @Override
  public void close() {
    for (int i = 0; i < entries.length(); i++) {
      Entry entry = entries.getAndSet(i, null);
      if (entry != null) {
        entry.view().release();
      }
    }
  }
}
