package dev.cairn.spark.transport;

/**
 * The reason why a shard host refused. The numbers are the wire's and never change their meaning.
 */
public enum Refusal {
  /** The bytes are not a message, or the message contradicts itself or the shard. A bug. */
  MALFORMED(1),
  /** The host has no shard of that model. */
  UNKNOWN_MODEL(2),
  /** The sender's generation is not the current one: it has been fenced off. */
  WRONG_GENERATION(3),
  /** The sender's segment is not the open one: it has been fenced off. */
  WRONG_SEGMENT(4),
  /** The step is over, or has not come yet. */
  WRONG_STEP(5),
  /** The shard was assigned, but neither initialised nor restored, or a segment is under way. */
  NOT_READY(6),
  /** The segment was given up while the exchange waited. */
  ABANDONED(7),
  /** There is no frozen shard under that id. */
  UNKNOWN_SAVE(8),
  /** The host is shutting down. */
  CLOSED(9),
  /** An unexpected error; the message has the cause. */
  INTERNAL(10),
  /** The host had no sign of the driver for as long as its lease: it may have been fenced off. */
  LEASE_OVER(11),
  /**
   * A step has made a parameter infinite or NaN: the shard's numbers are not those of a step any
   * more.
   */
  DIVERGED(12),
  /** Storage: plain input or output failure. */
  STORAGE_FAILED(20),
  /** Storage: the bytes that were read are damaged. */
  STORAGE_CORRUPT(21),
  /** Storage: a file is not there. */
  STORAGE_NOT_FOUND(22),
  /** Storage: written by a version that this one cannot read. */
  STORAGE_VERSION(23),
  /** Storage: something is in the way. */
  STORAGE_CONFLICT(24),
  /** Storage: it is not known whether the call took effect. */
  STORAGE_STATE_UNKNOWN(25),
  /** Storage: names, shapes or types are not those of the model. */
  STORAGE_MISMATCH(26);

  private final int number;

  Refusal(int number) {
    this.number = number;
  }

  /** The number on the wire. */
  int number() {
    return number;
  }

  /** The reason of that number; an unknown one, from a newer peer, is {@link #INTERNAL}. */
  static Refusal ofNumber(int number) {
    for (Refusal refusal : values()) {
      if (refusal.number == number) {
        return refusal;
      }
    }
    return INTERNAL;
  }
}
