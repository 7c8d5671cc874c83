package dev.cairn.checkpoint.train;

/**
 * A checkpoint that a manager knows.
 *
 * @param path relative to the manager's folder, as the state file names it
 * @param seconds since 1970, when it was complete
 * @param step the step counter when it was saved, or the number that it was saved under; -1 if it
 *     is not known
 * @param metric how good the model was; NaN if it is not known
 * @param bytes what its files take on storage; 0 if nobody asks for it
 * @param keep whether somebody has said that it stays for good
 */
record ManagedCheckpoint(
    String path, double seconds, long step, double metric, long bytes, boolean keep) {

  /** One of which no more is known. */
  static ManagedCheckpoint of(String path, double seconds) {
    return new ManagedCheckpoint(path, seconds, -1, Double.NaN, 0, false);
  }

  ManagedCheckpoint at(double time) {
    return new ManagedCheckpoint(path, time, step, metric, bytes, keep);
  }

  ManagedCheckpoint withBytes(long count) {
    return new ManagedCheckpoint(path, seconds, step, metric, count, keep);
  }

  ManagedCheckpoint kept() {
    return new ManagedCheckpoint(path, seconds, step, metric, bytes, true);
  }
}
