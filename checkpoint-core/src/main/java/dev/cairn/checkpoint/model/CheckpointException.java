package dev.cairn.checkpoint.model;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * An error of a checkpoint; its types differ in what the caller can do. The message says what was
 * tried, where, what was expected and found, and what to do.
 */
public abstract sealed class CheckpointException extends IOException {

  private static final long serialVersionUID = 1L;

  CheckpointException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Thrown if stored bytes differ from those that were written: fall back to an older checkpoint.
   */
  public static final class Corrupt extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** Makes an error that names the damage and its place. */
    public Corrupt(String message) {
      super(message, null);
    }

    /** Makes an error that names the damage, its place and its cause. */
    public Corrupt(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Thrown if nothing is there: a wrong path, or a file that was removed. */
  public static final class NotFound extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** Makes an error that names what was looked for. */
    public NotFound(String message) {
      super(message, null);
    }

    /** Makes an error that names what was looked for, with its cause. */
    public NotFound(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Thrown for a format that is newer than this program: use a newer program. */
  public static final class UnsupportedVersion extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** Makes an error that names the version, the range that can be read, and the remedy. */
    public UnsupportedVersion(String message) {
      super(message, null);
    }
  }

  /** Thrown if somebody else was first, or owns the folder: stop. */
  public static final class Conflict extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** Makes an error that names what is in the way. */
    public Conflict(String message) {
      super(message, null);
    }

    /** Makes an error that names what is in the way, with its cause. */
    public Conflict(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * Thrown if another session has taken the folder over: all further writes of this one are
   * refused.
   */
  public static final class Fenced extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** Makes an error that names the folder and the evidence. */
    public Fenced(String message) {
      super(message, null);
    }
  }

  /** Thrown if it is not known whether the last step happened: delete nothing, look again. */
  public static final class StateUnknown extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** Makes an error that names what was tried, with the failure that kept the answer away. */
    public StateUnknown(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Thrown if the stored variables do not fit the wanted ones: names, shapes, dtypes, ranges. */
  public static final class Mismatch extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** Makes an error that names everything that does not fit. */
    public Mismatch(String message) {
      super(message, null);
    }
  }

  /**
   * Thrown if storage refused or broke: full disk, no permission, quota, safe mode, lost
   * connection.
   */
  public static final class Failed extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** Makes an error that names what was tried and what to do, with the storage's own error. */
    public Failed(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
