package dev.cairn.checkpoint;

/** The result of a shard's report. Only {@link #ACCEPTED} changed anything. */
public enum ReportResult {
  /** The report was the first one of its shard. */
  ACCEPTED,
  /** The shard has reported already; the first report stands. */
  DUPLICATE,
  /** The report is of another attempt, or of a shard that this attempt does not have. */
  UNKNOWN,
  /** The attempt was committed or given up before. */
  LATE
}
