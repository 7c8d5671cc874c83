package dev.cairn.spark;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what other processes do and nobody tells. */
public final class Eventually {
  private Eventually() {}

  /** Fails when it has not happened within a minute and a half. */
  public static void await(BooleanSupplier happened, String what) {
    assertTrue(happens(happened, 90), "has not happened: " + what);
  }

  /** Whether it happens within that time. */
  public static boolean happens(BooleanSupplier happened, int seconds) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    while (!happened.getAsBoolean()) {
      if (System.nanoTime() > end) {
        return false;
      }
      LockSupport.parkNanos(20_000_000);
    }
    return true;
  }
}
