package dev.cairn.checkpoint.graph;

/**
 * An object that gets children while the program runs, and tells of each: values that were restored
 * before reach what comes later.
 */
public interface Growing extends Trackable {

  /**
   * Asks to be told of each child that comes from now on. Told in the order in which they asked:
   * what was restored later wins.
   */
  void tell(Newcomers newcomers);

  /** Wants to know what children come. */
  interface Newcomers {

    /**
     * Told once a child is there and before anybody uses it.
     *
     * @throws java.io.UncheckedIOException if a value was stored for it and cannot be given to it;
     *     then it must not stay
     */
    void came(Trackable parent, String edge, Trackable child);

    /** Whether this has all that an earlier one had, so that the earlier one need not be told. */
    default boolean replaces(Newcomers earlier) {
      return false;
    }
  }
}
