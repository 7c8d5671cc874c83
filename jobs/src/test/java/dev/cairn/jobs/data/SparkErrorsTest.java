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

  /** Spark's error for a file that it cannot read. */
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
                "Cannot call methods on a stopped SparkContext.\n"
                    + "This stopped SparkContext was created at: x"));
    assertTrue(why.startsWith("the cluster does not answer, or has refused"), why);
  }

  /** An error of Spark's with a message of several lines, its advice in the last. */
  private static final class Advice extends RuntimeException implements SparkThrowable {
    private static final long serialVersionUID = 1L;

    Advice(String message) {
      super(message);
    }

    @Override
    public String getCondition() {
      return "SOME_CONDITION";
    }
  }

  @Test
  void sparksAdviceStandsOnLaterLines() {
    assertEquals(
        "conflicting directories. Suspicious paths: a b Please set \"basePath\"",
        SparkErrors.why(
            new Advice(
                "[CONFLICT] Conflicting directories.\nSuspicious paths:\n\n\ta\n\tb\n\nPlease set"
                    + " \"basePath\". SQLSTATE: KD009\n== SQL ==\nselect x\n\tat org.apache")));
    String longText = SparkErrors.why(new Advice("[A] " + "word after word\n".repeat(1000)));
    assertTrue(longText.length() < 700, longText);
  }

  @Test
  void aMissingConnectorHasARemedy() {
    Exception error =
        new RuntimeException(
            new ClassNotFoundException("Class org.apache.hadoop.fs.s3a.S3AFileSystem not found"));
    assertTrue(SparkErrors.why(error).startsWith("the connector for such paths is not on"));
    assertTrue(SparkErrors.remedy(error).orElseThrow().contains("org.apache.hadoop:hadoop-aws"));
    assertTrue(SparkErrors.remedy(new IOException("x")).isEmpty());
  }
}
