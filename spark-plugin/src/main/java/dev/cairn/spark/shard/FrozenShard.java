package dev.cairn.spark.shard;

import java.io.IOException;

/** A shard as it was at the instant of {@link ParameterShard#freeze()}. */
@SuppressWarnings("DoNotCallSuggester")
public final class FrozenShard implements AutoCloseable {

  /** Takes blocks one after the other. */
  @FunctionalInterface
  public interface Sink {
    /** Takes one block; its array may be read until this method returns. */
    void accept(FrozenBlock block) throws IOException;
  }

  /** Bytes that {@link #drain} will hand over. */
  public long bytes() {
    throw new UnsupportedOperationException();
  }

  /**
   * Hands every block to the sink in disk order (variable after variable; of each its values, then
   * slot after slot; in each the rows ascending), and releases each block as soon as the sink has
   * returned. Whatever the sink throws is thrown here; call {@link #close()} then.
   */
  public void drain(Sink sink) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Releases what has not been drained. May be called often. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
