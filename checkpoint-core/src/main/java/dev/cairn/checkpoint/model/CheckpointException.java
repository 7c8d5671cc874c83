package dev.cairn.checkpoint.model;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can go wrong with a checkpoint, by what the caller can do about it. The message
 * says what was tried, where, what was expected and found, and what to do.
 */
public abstract sealed class CheckpointException extends IOException {

  private static final long serialVersionUID = 1L;

  CheckpointException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Stored bytes are not what was written: fall back to an older checkpoint. */
  public static final class Corrupt extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** With what is damaged and where. */
    public Corrupt(String message) {
      super(message, null);
    }

    /** With what is damaged and where, and how that was noticed. */
    public Corrupt(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Nothing is there: a wrong path, or a file that was removed. */
  public static final class NotFound extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** With what was looked for. */
    public NotFound(String message) {
      super(message, null);
    }

    /** With what was looked for, and how its absence was noticed. */
    public NotFound(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Written in a format newer than this program: use a newer program. */
  public static final class UnsupportedVersion extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** With the version, the range that can be read, and the remedy. */
    public UnsupportedVersion(String message) {
      super(message, null);
    }
  }

  /** Somebody else was first, or owns the folder: stop. */
  public static final class Conflict extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** With who or what is in the way. */
    public Conflict(String message) {
      super(message, null);
    }

    /** With who or what is in the way, and how it was noticed. */
    public Conflict(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Another session has taken the folder over: whatever this one would still write is refused. */
  public static final class Fenced extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** With the folder, and how that was noticed. */
    public Fenced(String message) {
      super(message, null);
    }
  }

  /** It is not known whether the last step happened: delete nothing, look again. */
  public static final class StateUnknown extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** With what was tried, and what kept the answer away. */
    public StateUnknown(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** What is stored and what is wanted do not fit: names, shapes, dtypes, ranges. */
  public static final class Mismatch extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** With all that does not fit. */
    public Mismatch(String message) {
      super(message, null);
    }
  }

  /** Storage refused or broke: full disk, no permission, quota, safe mode, lost connection. */
  public static final class Failed extends CheckpointException {
    private static final long serialVersionUID = 1L;

    /** With what was tried and what to do, and storage's own words. */
    public Failed(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}
