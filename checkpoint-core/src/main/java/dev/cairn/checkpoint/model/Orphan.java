package dev.cairn.checkpoint.model;

/**
 * Something in a run's folder that no checkpoint names.
 *
 * @param name its name in the folder
 * @param kind its kind
 * @param alive whether the session that it belongs to is alive: then it is left alone
 */
public record Orphan(String name, Kind kind, boolean alive) {

  /** The kinds of orphans. */
  public enum Kind {
    /** An attempt that was not committed. */
    STAGING,
    /** A checkpoint or attempt on its way out. */
    EXPIRED,
    /** A checkpoint that failed its check and was set aside. */
    DAMAGED,
    /** A state file that was never put in place. */
    STATE,
    /** The sign of life of a session. */
    OWNER,
    /**
     * A folder with a checkpoint's name but without a manifest, such as a copy that was not
     * finished: no checkpoint, and not Cairn's to delete.
     */
    NO_MANIFEST
  }
}
