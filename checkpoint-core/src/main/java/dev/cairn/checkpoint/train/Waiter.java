package dev.cairn.checkpoint.train;

import java.time.Duration;
import java.time.Instant;

/** Time as it passes; a test brings its own. */
interface Waiter {
  /** The one of this machine. */
  Waiter REAL =
      new Waiter() {
        @Override
        public Instant now() {
          return Instant.now();
        }

        @Override
        public void await(Duration time) throws InterruptedException {
          Thread.sleep(time.toMillis(), time.toNanosPart() % 1_000_000);
        }
      };

  Instant now();

  /** Comes back when so much time has passed. */
  void await(Duration time) throws InterruptedException;
}
