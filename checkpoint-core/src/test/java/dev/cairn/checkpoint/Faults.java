package dev.cairn.checkpoint;

import dev.cairn.checkpoint.FaultyStore.Fault;
import java.io.IOException;

/**
 * Counts calls to storage and makes one of them fail: before it is done, or after (done, its answer
 * lost). In a crash every later call fails as well, undone. Thread-safe.
 */
public final class Faults {
  private Fault fault = Fault.FAIL_BEFORE;
  private long failing = Long.MAX_VALUE;
  private long calls;
  private String hit = "none";
  private Action before = () -> {};
  private long beforeCall = Long.MAX_VALUE;

  /** Something that somebody does to storage. */
  interface Action {
    void run() throws IOException;
  }

  /** Something that somebody asks of storage. */
  interface Call<T> {
    T run() throws IOException;
  }

  /** Counts calls anew from now on, and lets the call of this number (from 1) fail. */
  public synchronized void arm(Fault kind, long call) {
    fault = kind;
    failing = call;
    calls = 0;
    hit = "none";
  }

  /** Lets all calls pass from now on. */
  public void disarm() {
    arm(Fault.FAIL_BEFORE, Long.MAX_VALUE);
  }

  /** Counting anew: somebody else acts just before the call of this number, which goes on then. */
  synchronized void interrupt(long call, Action action) {
    calls = 0;
    beforeCall = call;
    before = action;
  }

  public synchronized long calls() {
    return calls;
  }

  /** The call that failed. */
  public synchronized String hit() {
    return hit;
  }

  synchronized <T> T count(String what, Call<T> call) throws IOException {
    calls++;
    if (calls == beforeCall) {
      before.run();
    }
    boolean crash = fault == Fault.CRASH_BEFORE || fault == Fault.CRASH_AFTER;
    if (crash && calls > failing) {
      throw new IOException("crashed before: " + what);
    }
    boolean mine = calls == failing;
    if (mine) {
      hit = fault + " " + what;
    }
    if (mine && (fault == Fault.FAIL_BEFORE || fault == Fault.CRASH_BEFORE)) {
      throw new IOException("injected before: " + what);
    }
    T result = call.run();
    if (mine) {
      throw new IOException("injected after: " + what);
    }
    return result;
  }

  void act(String what, Action action) throws IOException {
    boolean unused =
        count(
            what,
            () -> {
              action.run();
              return true;
            });
  }
}
