package dev.cairn.spark.optimizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Texts, rates at chosen steps, and refusals; KerasTraceTest has schedules against Keras. */
class RateScheduleTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "constant                                              | 0   | 0.1",
        "constant                                              | 999 | 0.1",
        "inverse-time decay_steps=10 decay_rate=0.5            | 0   | 0.1",
        "inverse-time decay_steps=10 decay_rate=0.5            | 20  | 0.05",
        "inverse-time decay_steps=10 decay_rate=1 staircase=true | 9  | 0.1",
        "inverse-time decay_steps=10 decay_rate=1 staircase=true | 10 | 0.05",
        "inverse-time decay_steps=10 decay_rate=1 staircase=true | 19 | 0.05",
        "inverse-time decay_steps=10 decay_rate=0              | 500 | 0.1",
        "cosine decay_steps=100                                | 0   | 0.1",
        "cosine decay_steps=100                                | 50  | 0.05",
        "cosine decay_steps=100                                | 100 | 0",
        "cosine decay_steps=100                                | 101 | 0",
        "cosine decay_steps=100 alpha=0.2                      | 50  | 0.06",
        "cosine decay_steps=100 alpha=0.2                      | 9223372036854775807 | 0.02",
        "cosine decay_steps=100 warmup_steps=10                | 0   | 0",
        "cosine decay_steps=100 warmup_steps=10                | 4   | 0.04",
        "cosine decay_steps=100 warmup_steps=10                | 10  | 0.1",
        "cosine decay_steps=100 warmup_steps=10                | 60  | 0.05",
        "cosine decay_steps=100 warmup_steps=10 warmup_target=0.3 | 0  | 0.1",
        "cosine decay_steps=100 warmup_steps=10 warmup_target=0.3 | 5  | 0.2",
        "cosine decay_steps=100 warmup_steps=10 warmup_target=0.3 | 10 | 0.3",
        "piecewise boundaries=10,30 values=0.5,0.2,0.1         | 0   | 0.5",
        "piecewise boundaries=10,30 values=0.5,0.2,0.1         | 10  | 0.5",
        "piecewise boundaries=10,30 values=0.5,0.2,0.1         | 11  | 0.2",
        "piecewise boundaries=10,30 values=0.5,0.2,0.1         | 30  | 0.2",
        "piecewise boundaries=10,30 values=0.5,0.2,0.1         | 31  | 0.1",
      })
  void rates(String text, long step, double wanted) {
    RateSchedule schedule = RateSchedule.parse(text);
    assertEquals(wanted, schedule.rate(0.1, step), 1e-15);
    assertEquals(schedule, RateSchedule.parse(schedule.text()));
  }

  /** The same schedule has one text, whatever blanks, order and defaults it was written with. */
  @Test
  void oneTextEach() {
    assertEquals(
        "cosine decay_steps=5 alpha=0.1",
        RateSchedule.parse("  cosine  warmup_steps=0 alpha = 1e-1 decay_steps=5 ").text());
    assertEquals(
        "piecewise boundaries=1,2 values=3.0,2.0,1.0",
        RateSchedule.parse("piecewise boundaries=1, 2 values= 3,2 ,1").text());
    assertEquals(
        "inverse-time decay_steps=7 decay_rate=2.0",
        RateSchedule.parse("inverse-time staircase=false decay_rate=2 decay_steps=7").text());
  }

  @Test
  void neverAboveItsHighest() {
    for (String text :
        new String[] {
          "constant",
          "inverse-time decay_steps=3 decay_rate=0.7",
          "cosine decay_steps=20 alpha=0.3 warmup_steps=7",
          "cosine decay_steps=20 warmup_steps=7 warmup_target=0.01",
          "cosine decay_steps=20 warmup_steps=7 warmup_target=0.9",
          "piecewise boundaries=5,9 values=0.2,0.7,0.1",
        }) {
      RateSchedule schedule = RateSchedule.parse(text);
      double most = 0;
      for (long step = 0; step < 60; step++) {
        double rate = schedule.rate(0.2, step);
        assertTrue(rate >= 0 && Double.isFinite(rate), text);
        most = Math.max(most, rate);
      }
      assertEquals(schedule.highest(0.2), most, 1e-15, text);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''               | unknown name, expected one of constant, inverse-time, cosine, piecewise",
        "linear           | found \"linear\"",
        "Cosine decay_steps=5 | found \"Cosine\"",
        "constant rate=1  | an argument, expected none for constant, found rate",
        "cosine           | decay_steps, expected a whole number, 1 or more, found none",
        "cosine decay_steps=0 | decay_steps, expected a whole number, 1 or more, found 0",
        "cosine decay_steps=-3 | found -3",
        "cosine decay_steps=1.5 | found 1.5",
        "cosine decay_steps=99999999999999999999 | found 99999999999999999999",
        "cosine decay_steps | an argument, expected a name and a value such as alpha=0.1",
        "cosine decay_steps= | an argument, expected a name and a value",
        "cosine decay_steps=5=5 | expected a whole number, 1 or more, found 5=5",
        "cosine ,=5       | unknown name",
        "cosine decay_steps=5 decay_steps=6 | decay_steps, expected one value, found two",
        "cosine decay_steps=5 alpha=1.1 | alpha, expected a number from 0 to 1, found 1.1",
        "cosine decay_steps=5 alpha=-1 | found -1",
        "cosine decay_steps=5 alpha=NaN | found NaN",
        "cosine decay_steps=5 alpha=0x1p-3 | found 0x1p-3",
        "cosine decay_steps=5 alpha=0.1f | found 0.1f",
        "cosine decay_steps=5 alpha=1.2.3 | found 1.2.3",
        "cosine decay_steps=5 warmup_target=0.5 | warmup_steps, expected 1 or more where there is a",
        "cosine decay_steps=5 warmup_steps=2 warmup_target=0 | a number above 0, found 0",
        "cosine decay_steps=5 beta=2 | one of alpha, decay_steps, warmup_steps, warmup_target, found",
        "inverse-time decay_steps=5 | decay_rate, expected a number, 0 or greater, found none",
        "inverse-time decay_steps=5 decay_rate=1e39 | found 1e39",
        "inverse-time decay_steps=5 decay_rate=1 staircase=yes | true or false, found yes",
        "piecewise boundaries=10 | values, expected numbers such as 0.1,0.05, found none",
        "piecewise values=1 | boundaries, expected whole numbers that ascend, such as 10,30, found",
        "piecewise boundaries=10,10 values=1,2,3 | ascend, such as 10,30, found 10,10",
        "piecewise boundaries=10,a values=1,2,3 | found a",
        "piecewise boundaries=10, values=1,2,3 | found",
        "piecewise boundaries=10,20 values=1,2 | 3 of them, one more than boundaries, found",
        "piecewise boundaries=10 values=1,0 | a number above 0, found 0",
      })
  void refusals(String text, String part) {
    Exception e = assertThrows(IllegalArgumentException.class, () -> RateSchedule.parse(text));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(part), message);
    assertTrue(message.startsWith("Cannot use learning-rate schedule \"" + text + "\": "), message);
  }
}
