package dev.cairn.spark.refresh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.VersionRecord.Range;
import dev.cairn.spark.LocalSession;
import java.util.Arrays;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The range of a column is in the order in which ranges are compared. */
final class RangesTest {
  @SuppressWarnings("NullAway.Init")
  private static SparkSession spark;

  @BeforeAll
  static void start() {
    spark = LocalSession.start();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  private static Range of(String... texts) {
    return Ranges.of(spark.createDataset(Arrays.asList(texts), Encoders.STRING()).toDF("d"), "d");
  }

  @Test
  void textsThatAreNumbersAreOrderedAsNumbers() {
    assertEquals("d from 8 to 12", of("10", "12", "8", "9").toString());
    assertEquals("d from -20 to 100", of("3", "-20", "100", "-3").toString());
    assertTrue(of("1", "9", "12").overlaps(of("10")));
    assertFalse(of("1", "9", "12").overlaps(of("13", "100")));
    String large = "9".repeat(38);
    assertEquals("d from -" + large + " to " + large, of(large, "0", "-" + large).toString());
    assertEquals("d from 7 to 007a", of("007a", "7", "0070").toString(), "then other texts");
  }

  @Test
  void otherTextsAreOrderedByTheirBytes() {
    assertEquals("d from a to b", of("b", "a").toString());
    String beyond = Character.toString(0x1F600);
    assertEquals("d from \uFF5E to " + beyond, of(beyond, "\uFF5E").toString());
    assertEquals("d from 1 to 5\n", of("5\n", "1", "40").toString(), "a line's end is no number");
  }

  @Test
  void numbersAndDatesAreOrderedAsTheyAre() {
    var rows = spark.range(5, 15).selectExpr("id", "date_add(date'1999-12-28', int(id)) day");
    assertEquals("id from 5 to 14", Ranges.of(rows, "id").toString());
    assertEquals("day from 2000-01-02 to 2000-01-11", Ranges.of(rows, "day").toString());
    var huge = spark.range(-5, 5).selectExpr("id * 1000000000000000000 n");
    assertEquals(
        "n from -5000000000000000000 to 4000000000000000000", Ranges.of(huge, "n").toString());
  }

  @Test
  void columnsAreFoundWithoutRegardToCase() {
    assertTrue(new Range("Date", "1", "2").overlaps(new Range("date", "2", "3")));
    assertFalse(new Range("date", "1", "2").overlaps(new Range("month", "2", "3")));
  }
}
