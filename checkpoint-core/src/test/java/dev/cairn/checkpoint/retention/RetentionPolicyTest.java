package dev.cairn.checkpoint.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The newest ones stay, and never fewer than were asked for (S40, S41). */
class RetentionPolicyTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "0, 5, 0",
    "1, 0, 0",
    "1, 1, 0",
    "1, 2, 1",
    "1, 5, 4",
    "3, 2, 0",
    "3, 3, 0",
    "3, 4, 1",
    "3, 10, 7"
  })
  void theOldestGo(int keep, int there, int gone) {
    List<Integer> oldestFirst = List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9).subList(0, there);
    assertEquals(
        oldestFirst.subList(0, gone), new RetentionPolicy(keep).expired(oldestFirst, any -> false));
  }

  /** A run's best checkpoint stays beside the newest ones, however old it is. */
  @Test
  void whatIsReferredToStays() {
    List<Integer> oldestFirst = List.of(0, 1, 2, 3, 4);
    assertEquals(List.of(0, 2), new RetentionPolicy(2).expired(oldestFirst, one -> one == 1));
    assertEquals(List.of(0, 1, 2), new RetentionPolicy(2).expired(oldestFirst, one -> one == 4));
  }

  @Test
  void aNegativeNumberIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new RetentionPolicy(-1));
  }
}
