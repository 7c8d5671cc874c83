package dev.cairn.checkpoint.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Waiting for checkpoints, with a time that passes only when somebody waits. */
class CheckpointsIteratorTest {
  private static final Instant START = Instant.ofEpochSecond(1_700_000_000);

  @TempDir Path folder;

  /** Time that passes by being waited for; what happens meanwhile is planned. */
  private static final class Planned implements Waiter {
    private final TreeMap<Long, Runnable> plans = new TreeMap<>();
    private long millis;

    void at(long time, Runnable event) {
      plans.put(time, event);
    }

    @Override
    public Instant now() {
      return START.plusMillis(millis);
    }

    @Override
    public void await(Duration time) {
      assertTrue(time.toMillis() > 0, "no time to wait for: " + time);
      millis += time.toMillis();
      while (!plans.isEmpty() && plans.firstKey() <= millis) {
        plans.pollFirstEntry().getValue().run();
      }
    }
  }

  private final Planned time = new Planned();

  /** A checkpoint as far as a state file and an index make one. */
  private void saved(String name) {
    try {
      Files.writeString(folder.resolve(name + ".index"), name);
      Files.writeString(
          folder.resolve("checkpoint"),
          "model_checkpoint_path: \""
              + name
              + "\"\nall_model_checkpoint_paths: \""
              + name
              + "\"\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String path(String name) {
    return folder + "/" + name;
  }

  private Iterator<String> iterator(
      Duration minInterval, @Nullable Duration timeout, @Nullable BooleanSupplier timeoutFn) {
    return new CheckpointsIterator(
        folder.toString(), FolderOptions.defaults(), minInterval, timeout, timeoutFn, time);
  }

  private List<String> all(Iterator<String> iterator) {
    List<String> all = new ArrayList<>();
    iterator.forEachRemaining(path -> all.add(path + " at " + time.millis));
    return all;
  }

  @Test
  void comesAsTheyComeAndEndsAfterTheTimeout() {
    time.at(2_500, () -> saved("ckpt-1"));
    time.at(4_000, () -> saved("ckpt-2"));
    assertEquals(
        List.of(path("ckpt-1") + " at 3000", path("ckpt-2") + " at 4000"),
        all(iterator(Duration.ZERO, Duration.ofSeconds(3), null)));
    assertEquals(7_000, time.millis, "the time-out counts from the last checkpoint");
  }

  /** TensorFlow gives up a second early, and at once if it is given a second or less. */
  @Test
  void looksOnceMoreAtTheVeryEnd() {
    time.at(400, () -> saved("ckpt-1"));
    assertEquals(
        List.of(path("ckpt-1") + " at 400"),
        all(iterator(Duration.ZERO, Duration.ofMillis(400), null)));
    assertEquals(800, time.millis);
  }

  /** What comes between two looks is passed over for the newest. */
  @Test
  void minIntervalPassesOver() {
    saved("ckpt-1");
    time.at(1_000, () -> saved("ckpt-2"));
    time.at(9_000, () -> saved("ckpt-3"));
    assertEquals(
        List.of(path("ckpt-1") + " at 0", path("ckpt-3") + " at 10000"),
        all(iterator(Duration.ofSeconds(10), Duration.ofSeconds(1), null)));
  }

  /** The function is asked after each time-out and after each checkpoint. */
  @Test
  void timeoutFnDecides() {
    saved("ckpt-1");
    time.at(5_000, () -> saved("ckpt-2"));
    List<Long> asked = new ArrayList<>();
    BooleanSupplier done =
        () -> {
          asked.add(time.millis);
          return time.millis >= 8_000;
        };
    assertEquals(
        List.of(path("ckpt-1") + " at 0", path("ckpt-2") + " at 5000"),
        all(iterator(Duration.ZERO, Duration.ofSeconds(2), done)));
    assertEquals(List.of(0L, 2_000L, 4_000L, 5_000L, 7_000L, 9_000L), asked);

    Iterator<String> one = iterator(Duration.ZERO, null, () -> true);
    assertEquals(path("ckpt-2"), one.next());
    assertFalse(one.hasNext(), "no more will come");
    assertThrows(NoSuchElementException.class, one::next);
  }

  /** TensorFlow compares names, and so misses what is saved again under the same one. */
  @Test
  void theSameNameSavedAgainComesAgain() throws IOException {
    saved("ckpt-1");
    Path index = folder.resolve("ckpt-1.index");
    FileTime before = Files.getLastModifiedTime(index);
    time.at(
        3_000,
        () -> {
          saved("ckpt-1");
          try {
            Files.setLastModifiedTime(index, FileTime.fromMillis(before.toMillis() + 3_000));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    assertEquals(
        List.of(path("ckpt-1") + " at 0", path("ckpt-1") + " at 3000"),
        all(iterator(Duration.ZERO, Duration.ofSeconds(5), null)));
  }

  /** A state file that is not whole, or names what is not there yet, is looked at again. */
  @Test
  void waitsForWhatIsNotWhole() throws IOException {
    Files.writeString(folder.resolve("checkpoint"), "model_checkpoint_pa");
    time.at(
        1_500,
        () -> {
          saved("ckpt-1");
          assertTrue(folder.resolve("ckpt-1.index").toFile().delete());
        });
    time.at(3_500, () -> saved("ckpt-1"));
    assertEquals(
        List.of(path("ckpt-1") + " at 4000"),
        all(iterator(Duration.ZERO, Duration.ofSeconds(5), null)));
  }

  @Test
  void waitsForAnother() throws Exception {
    FolderOptions options = FolderOptions.defaults();
    String directory = folder.toString();
    assertNull(CheckpointsIterator.await(directory, options, null, Duration.ofSeconds(2), time));
    assertEquals(2_000, time.millis);
    saved("ckpt-1");
    assertEquals(
        path("ckpt-1"),
        CheckpointsIterator.await(directory, options, null, Duration.ofSeconds(2), time));
    assertEquals(2_000, time.millis);
    time.at(4_200, () -> saved("ckpt-2"));
    assertEquals(
        path("ckpt-2"), CheckpointsIterator.await(directory, options, path("ckpt-1"), null, time));
    assertEquals(5_000, time.millis);
  }

  /** Whoever is interrupted while he waits ends, and knows it. */
  @Test
  void interruptEnds() {
    Waiter interrupted =
        new Waiter() {
          @Override
          public Instant now() {
            return START;
          }

          @Override
          public void await(Duration time) throws InterruptedException {
            throw new InterruptedException();
          }
        };
    Iterator<String> iterator =
        new CheckpointsIterator(
            folder.toString(), FolderOptions.defaults(), Duration.ZERO, null, null, interrupted);
    assertFalse(iterator.hasNext());
    assertTrue(Thread.interrupted());
  }
}
