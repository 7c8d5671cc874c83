package dev.cairn.checkpoint;

/** What became of a shard's report. Only {@link #ACCEPTED} changed anything. */
public enum ReportResult {
  /** The first report of its shard. */
  ACCEPTED,
  /** The shard has reported already; the first report stands. */
  DUPLICATE,
  /** Of another attempt, or of a shard that this attempt does not have. */
  UNKNOWN,
  /** The attempt was committed or given up before. */
  LATE
}
