package dev.cairn.jobs.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

  @Test
  void aClusterThatDoesNotAnswer() {
    String why =
        SparkErrors.why(
            new IllegalStateException(
                "Cannot call methods on a stopped SparkContext.\nThis stopped SparkContext was created at: x"));
    assertTrue(why.startsWith("the cluster does not answer, or has refused"), why);
  }
}
