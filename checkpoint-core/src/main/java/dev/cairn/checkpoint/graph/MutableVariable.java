package dev.cairn.checkpoint.graph;

import java.nio.ByteBuffer;

/**
 * A variable whose elements are at hand and can be replaced. They are copied piece by piece, so
 * that whoever saves or restores needs no memory of the variable's size beside it.
 *
 * <p>Elements are numbered from 0 on, row-major. Buffers are little-endian and hold whole elements
 * from position to limit, each as wide as {@link dev.cairn.checkpoint.model.DType#elementBytes} of
 * the variable's type, which is not 0.
 */
public interface MutableVariable extends Variable {

  /**
   * Copies elements out.
   *
   * @param first the first one
   * @param into is filled from its position to its limit
   */
  void get(long first, ByteBuffer into);

  /** Memory for a new value beside the present one, which stays until the new one is taken. */
  Incoming incoming();

  /** A value that is on its way: is put together, then taken or forgotten. */
  interface Incoming {

    /**
     * Copies elements in. Several threads may do so for different elements.
     *
     * @param first the first one
     * @param from is read from its position to its limit
     */
    void put(long first, ByteBuffer from);

    /** Makes it the variable's value. Never fails, since other variables have theirs already. */
    void take();
  }
}
