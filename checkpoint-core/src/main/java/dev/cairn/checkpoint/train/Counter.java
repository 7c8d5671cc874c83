package dev.cairn.checkpoint.train;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.cairn.checkpoint.graph.MutableVariable;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicLong;

/** A whole number that counts, such as steps or saves: a scalar of type INT64. Thread-safe. */
public final class Counter implements MutableVariable {
  private final AtomicLong value;

  /** A counter that starts at a number. */
  public Counter(long value) {
    this.value = new AtomicLong(value);
  }

  /** Its present value. */
  public long get() {
    return value.get();
  }

  /** Sets it. */
  public void set(long to) {
    value.set(to);
  }

  /** Adds one and returns the sum. */
  @CanIgnoreReturnValue
  public long increment() {
    return value.incrementAndGet();
  }

  @Override
  public DType dtype() {
    return DType.INT64;
  }

  @Override
  public Shape shape() {
    return Shape.scalar();
  }

  @Override
  public void get(long first, ByteBuffer into) {
    if (into.hasRemaining()) {
      into.putLong(value.get());
    }
  }

  @Override
  public Incoming incoming() {
    long[] fresh = new long[1];
    return new Incoming() {
      @Override
      public void put(long first, ByteBuffer from) {
        if (from.hasRemaining()) {
          fresh[0] = from.getLong();
        }
      }

      @Override
      public void take() {
        value.set(fresh[0]);
      }
    };
  }

  @Override
  public String toString() {
    return Long.toString(value.get());
  }
}
