package dev.cairn.jobs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.apache.spark.SparkThrowable;
import org.junit.jupiter.api.Test;

/** Spark's words as one sentence for people. */
final class SparkErrorsTest {
  @Test
  void theInnermostSentenceWithoutItsEnvelope() {
    assertEquals(
        "path does not exist: file:/a",
        SparkErrors.why(
            new RuntimeException(
                "outer",
                new IllegalStateException("[PATH_NOT_FOUND] Path does not exist: file:/a."))));
    assertEquals("IllegalStateException", SparkErrors.why(new IllegalStateException()));
  }

  /** What Spark throws for a file that it cannot read. */
  private static final class Unreadable extends RuntimeException implements SparkThrowable {
    private static final long serialVersionUID = 1L;

    Unreadable(Throwable cause) {
      super("[FAILED_READ_FILE.NO_HINT] Encountered error while reading file a.csv.", cause);
    }

    @Override
    public String getCondition() {
      return "FAILED_READ_FILE.NO_HINT";
    }
  }

  @Test
  void anUnreadableFileHasItsReason() {
    assertEquals(
        "encountered error while reading file a.csv: permission denied: user=bob",
        SparkErrors.why(
            new RuntimeException(
                "Job aborted",
                new Unreadable(new IOException("Permission denied: user=bob\n at x")))));
  }

  @Test
  void aClusterThatDoesNotAnswer() {
    String why =
        SparkErrors.why(
            new IllegalStateException(
                "Cannot call methods on a stopped SparkContext.\nThis stopped SparkContext was created at: x"));
    assertTrue(why.startsWith("the cluster does not answer, or has refused"), why);
  }
}
