package dev.cairn.checkpoint.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Differences that no program asks for are told in the log; a failed restore leaves no trace. */
class UnaskedDifferencesTest {
  @TempDir Path folder;

  private final Logger logger = Logger.getLogger(Session.class.getName());
  private final List<String> told = new ArrayList<>();

  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          told.add(new SimpleFormatter().formatMessage(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    logger.addHandler(handler);
  }

  @AfterEach
  void listenNoMore() {
    logger.removeHandler(handler);
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }

  private void assertTold(int count, String... parts) {
    assertEquals(count, told.size(), told.toString());
    for (String part : parts) {
      assertTrue(told.get(count - 1).contains(part), told.get(count - 1));
    }
  }

  /** Once, when the program goes on to the next checkpoint. */
  @Test
  void whatWasNotRestoredIsToldOnce() throws Exception {
    String path = new Checkpoint(Map.of("kernel", Net.floats(1))).save(at("m"));
    Checkpoint reader = new Checkpoint(Map.of("kernels", Net.zeros(1)));
    reader.restore(path);
    assertTold(0);
    String own = reader.save(at("n"));
    assertTold(1, path, "missing: kernels", "left over: kernel/", "assertConsumed");
    reader.save(at("n"));
    assertTold(1);
    reader.restore(path).expectPartial();
    reader.save(at("n"));
    assertTold(1);
    reader.restore(path);
    reader.restore(own).assertConsumed();
    assertTold(2, path);
    reader.save(at("n"));
    assertTold(2);
  }

  /** At once: nobody can mean it. */
  @Test
  void whatIsSharedOtherwiseIsToldAtOnce() throws Exception {
    ArrayVariable one = Net.floats(1);
    String shared = new Checkpoint(Map.of("a", one, "b", one)).save(at("one"));
    new Checkpoint(Map.of("a", Net.zeros(1), "b", Net.zeros(1))).restore(shared).expectPartial();
    assertTold(1, shared);
    String apart = new Checkpoint(Map.of("a", Net.floats(1), "b", Net.floats(2))).save(at("two"));
    ArrayVariable both = Net.zeros(1);
    new Checkpoint(Map.of("a", both, "b", both)).restore(apart).expectPartial();
    assertTold(2, apart);
  }

  /** The restore before it still gives values to what comes, and there is no counter of saves. */
  @Test
  void aFailedRestoreLeavesNoTrace() throws Exception {
    Map<String, Trackable> children = new TreeMap<>();
    Trackable plain =
        new Trackable() {
          @Override
          public Map<String, Trackable> children() {
            return children;
          }
        };
    String good =
        new Checkpoint(Map.of("m", new Checkpoint(Map.of("v", Net.floats(5))))).write(at("good"));
    String wide = new Checkpoint(Map.of("w", Net.floats(1, 2))).save(at("wide"));
    Checkpoint reader = new Checkpoint(Map.of("m", plain, "w", Net.zeros(3)));
    LoadStatus status = reader.read(good).expectPartial();
    assertThrows(Mismatch.class, () -> reader.restore(wide));
    assertFalse(reader.children().containsKey("save_counter"), "as before");
    ArrayVariable late = Net.zeros(1);
    children.put("v", late);
    assertThrows(Mismatch.class, status::assertExistingObjectsMatched); // w is missing
    assertEquals(5, late.floats()[0]);
  }

  /** The counter of saves, which every program has, is no match. */
  @Test
  void anotherProgramMatchesNothing() throws Exception {
    String path = new Checkpoint(Map.of("model", Net.floats(1))).save(at("m"));
    LoadStatus status = new Checkpoint(Map.of("v", Net.zeros(1))).restore(path);
    assertThrows(Mismatch.class, status::assertNontrivialMatch);
    status.expectPartial();
  }

  /** Where the earlier one still waits for an edge, the later one has given the value already. */
  @Test
  void anEarlierRestoreThatWaitsDoesNotOverwrite() throws Exception {
    Net one = new Net();
    one.with("x", new Net()).with("v", Net.floats(1));
    String first = new Checkpoint(one).save(at("first"));
    Net two = new Net();
    two.with("y", new Net()).with("v", Net.floats(2));
    String second = new Checkpoint(two).save(at("second"));
    Net later = new Net();
    Checkpoint reader = new Checkpoint(later);
    reader.restore(first).expectPartial();
    Net part = later.with("y", new Net());
    ArrayVariable value = part.with("v", Net.zeros(1));
    reader.restore(second).assertConsumed();
    assertEquals(2, value.floats()[0]);
    later.with("x", part);
    assertEquals(2, value.floats()[0]);
  }

  /** A program that saves in the background, and ends while that is under way. */
  static final class Ending {
    private Ending() {}

    private static boolean endsNow() {
      try {
        Thread hook = new Thread(() -> {}, "ends-now");
        Runtime.getRuntime().addShutdownHook(hook);
        return !Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        return true;
      }
    }

    /** Saves under a prefix. */
    public static void main(String[] args) throws Exception {
      CheckpointOptions slow =
          CheckpointOptions.defaults()
              .withAsync(true)
              .withWriteCallback(
                  path -> {
                    while (!endsNow()) {
                      Thread.onSpinWait();
                    }
                    // A JVM that does not wait has ended before this is over.
                    LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1));
                  });
      new Checkpoint(Map.of("v", Net.floats(7))).save(args[0], slow);
    }
  }

  @Test
  void aJvmThatEndsWaitsForASave() throws Exception {
    Process ending =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Ending.class.getName(),
                at("m"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("said").toFile())
            .start();
    assertTrue(ending.waitFor(1, TimeUnit.MINUTES));
    String said = Files.readString(folder.resolve("said"));
    assertEquals(0, ending.exitValue(), said);
    assertTrue(Files.exists(folder.resolve("checkpoint")), said);
    ArrayVariable read = Net.zeros(1);
    new Checkpoint(Map.of("v", read)).restore(at("m-1")).assertConsumed();
    assertEquals(7, read.floats()[0]);
  }
}
