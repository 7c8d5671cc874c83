package dev.cairn.jobs.show;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Shows a run's progress: one line that is written over on a terminal (ten times a second at most),
 * else a plain line every few seconds. Thread-safe; every method returns quickly.
 */
public final class ProgressPrinter {
  private static final long LIVE_NANOS = 100_000_000L;
  private static final int BAR = 20;

  /**
   * The properties of the output.
   *
   * @param terminal whether a line can be written over
   * @param columns the width
   * @param unicode whether it shows block characters
   */
  public record Screen(boolean terminal, int columns, boolean unicode) {}

  private final PrintStream out;
  private final Screen screen;
  private final long everyNanos;
  private final LongSupplier nanoClock;

  @GuardedBy("this")
  private long startNanos = -1;

  @GuardedBy("this")
  private long startStep;

  @GuardedBy("this")
  private long lastNanos;

  @GuardedBy("this")
  private boolean open;

  /**
   * Makes a printer that has shown nothing yet.
   *
   * @param plainSeconds time between plain lines
   * @param nanoClock a clock such as {@code System::nanoTime}
   */
  public ProgressPrinter(PrintStream out, Screen screen, int plainSeconds, LongSupplier nanoClock) {
    this.out = out;
    this.screen = screen;
    this.everyNanos = screen.terminal() ? LIVE_NANOS : plainSeconds * 1_000_000_000L;
    this.nanoClock = nanoClock;
  }

  /** Shows {@code progress} when it is time to. The first call starts the clock. */
  public synchronized void update(RunProgress progress) {
    long now = nanoClock.getAsLong();
    if (startNanos < 0) {
      startNanos = now;
      startStep = progress.step();
      lastNanos = screen.terminal() ? now - everyNanos : now;
    }
    if (now - lastNanos < everyNanos) {
      return;
    }
    lastNanos = now;
    write(progress, now);
  }

  /** Prints a line of its own, for an event that stays on the screen. */
  public synchronized void say(String line) {
    if (open) {
      out.print("\r\u001b[2K");
      open = false;
    }
    out.println(line);
    out.flush();
  }

  /** Shows {@code progress} once more, whatever the time, and ends the line. */
  public synchronized void finish(RunProgress progress) {
    long now = nanoClock.getAsLong();
    if (startNanos < 0) {
      startNanos = now;
      startStep = progress.step();
    }
    write(progress, now);
    if (open) {
      out.println();
      open = false;
    }
    out.flush();
  }

  /** Removes an unfinished live line: the next output begins at the left edge. */
  public synchronized void clear() {
    if (open) {
      out.print("\r\u001b[2K");
      out.flush();
      open = false;
    }
  }

  @GuardedBy("this")
  private void write(RunProgress progress, long now) {
    String line = line(progress, now - startNanos, progress.step() - startStep, screen);
    if (screen.terminal()) {
      out.print("\r\u001b[2K" + line);
      open = true;
    } else {
      out.println(line);
    }
    out.flush();
  }

  static String line(RunProgress progress, long elapsedNanos, long newSteps, Screen screen) {
    double seconds = elapsedNanos / 1e9;
    boolean timed = seconds > 0 && newSteps > 0;
    String left =
        timed
            ? Units.clock(Math.round((progress.steps() - progress.step()) * seconds / newSteps))
                + " left"
            : "";
    String[] parts = {
      "epoch " + progress.epoch() + "/" + progress.epochs(),
      "step " + Units.count(progress.step()) + "/" + Units.count(progress.steps()),
      progress.rowsPerSecond() > 0 ? Units.rate(progress.rowsPerSecond()) + " rows/s" : "",
      Double.isNaN(progress.loss()) ? "" : "loss " + loss(progress.loss()),
      Double.isNaN(progress.validation()) ? "" : "validation " + loss(progress.validation()),
      left,
      progress.durable() < 0 ? "no checkpoint yet" : "durable: step " + progress.durable()
    };
    String text = "";
    for (String part : parts) {
      String longer = part.isEmpty() ? text : text.isEmpty() ? part : text + "  " + part;
      if (screen.terminal() && longer.length() >= screen.columns()) {
        break;
      }
      text = longer;
    }
    String bar = screen.terminal() ? bar(progress, screen) : "";
    boolean room = text.length() + bar.length() + 2 < screen.columns();
    return bar.isEmpty() || !room ? text : bar + "  " + text;
  }

  /** A loss with four decimals, unless it has grown very large. */
  private static String loss(double loss) {
    return String.format(Locale.ROOT, loss < 1e6 ? "%.4f" : "%.3g", loss);
  }

  private static String bar(RunProgress progress, Screen screen) {
    double done = progress.steps() == 0 ? 1 : (double) progress.step() / progress.steps();
    int full = (int) Math.round(Math.min(1, Math.max(0, done)) * BAR);
    return screen.unicode()
        ? "\u2588".repeat(full) + "\u2591".repeat(BAR - full)
        : "#".repeat(full) + ".".repeat(BAR - full);
  }
}
