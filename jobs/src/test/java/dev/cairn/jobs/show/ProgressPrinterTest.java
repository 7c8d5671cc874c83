package dev.cairn.jobs.show;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The progress line, by a clock that the test turns. */
final class ProgressPrinterTest {
  private static final long SECOND = 1_000_000_000L;

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong(17 * SECOND);

  private ProgressPrinter printer(boolean terminal, int columns) {
    return new ProgressPrinter(
        new PrintStream(bytes, true, StandardCharsets.UTF_8),
        new ProgressPrinter.Screen(terminal, columns, false),
        5,
        clock::get);
  }

  private String printed() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static RunProgress at(long step) {
    return new RunProgress(1, 2, step, 200, 40_960, 0.43211, Double.NaN, step < 60 ? -1 : 60);
  }

  @Test
  void plainLinesComeEveryFewSecondsWithoutControlCharacters() {
    ProgressPrinter printer = printer(false, 100);
    for (int second = 0; second <= 10; second++) {
      printer.update(at(second * 10L));
      clock.addAndGet(SECOND);
    }
    printer.finish(at(200));
    assertEquals(
        """
        epoch 1/2  step 50/200  41 k rows/s  loss 0.4321  0:15 left  no checkpoint yet
        epoch 1/2  step 100/200  41 k rows/s  loss 0.4321  0:10 left  durable: step 60
        epoch 1/2  step 200/200  41 k rows/s  loss 0.4321  0:00 left  durable: step 60
        """,
        printed().replace(System.lineSeparator(), "\n"));
  }

  @Test
  void theLiveLineIsWrittenOverAndNeverWraps() {
    ProgressPrinter printer = printer(true, 60);
    for (int i = 0; i < 50; i++) {
      printer.update(at(i));
      clock.addAndGet(SECOND / 25);
    }
    printer.finish(at(200));
    String text = printed();
    assertEquals(1, text.chars().filter(c -> c == '\n').count());
    String[] frames = text.split("\r\u001b\\[2K", -1);
    assertTrue(frames.length > 10 && frames.length < 25, "about ten a second: " + frames.length);
    for (String frame : frames) {
      assertTrue(frame.strip().length() < 60, frame);
    }
  }

  @Test
  void aWideTerminalShowsABarOfWhatIsDone() {
    String line =
        ProgressPrinter.line(at(100), SECOND, 100, new ProgressPrinter.Screen(true, 160, false));
    assertTrue(line.startsWith("##########..........  epoch 1/2"), line);
    String unicode =
        ProgressPrinter.line(at(200), SECOND, 100, new ProgressPrinter.Screen(true, 160, true));
    assertTrue(unicode.startsWith("\u2588".repeat(20)), unicode);
  }

  @Test
  void validationStandsBesideTraining() {
    RunProgress judged = new RunProgress(2, 3, 150, 200, 40_960, 0.43211, 0.45678, 122);
    String line = ProgressPrinter.line(judged, 0, 0, new ProgressPrinter.Screen(false, 100, false));
    assertEquals(
        "epoch 2/3  step 150/200  41 k rows/s  loss 0.4321  validation 0.4568  durable: step 122",
        line);
  }

  @Test
  void nothingIsGuessedBeforeTheFirstStep() {
    RunProgress begin = new RunProgress(1, 2, 0, 200, 0, Double.NaN, Double.NaN, -1);
    String line = ProgressPrinter.line(begin, 0, 0, new ProgressPrinter.Screen(false, 100, false));
    assertEquals("epoch 1/2  step 0/200  no checkpoint yet", line);
    assertFalse(line.contains("NaN"));
  }

  @Test
  void anEventTakesTheLiveLineAwayFirst() {
    ProgressPrinter printer = printer(true, 100);
    printer.update(at(1));
    printer.say("saved");
    printer.clear();
    assertTrue(printed().endsWith("\r\u001b[2Ksaved" + System.lineSeparator()), printed());
  }
}
