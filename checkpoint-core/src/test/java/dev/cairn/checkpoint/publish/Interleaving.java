package dev.cairn.checkpoint.publish;

import dev.cairn.checkpoint.MemoryStore;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;

/**
 * Several actors on one storage, one at a time: before each call that may change something, or
 * depends on what others change, the next actor is drawn. The same seed is the same order.
 */
final class Interleaving {
  /** What an actor does. */
  interface Body {
    void run() throws Exception;
  }

  private static final class Actor {
    final Semaphore turn = new Semaphore(0);
    boolean over;
  }

  private final Random random;
  private final List<Actor> actors = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final ThreadLocal<Actor> self = new ThreadLocal<>();
  private final Semaphore back = new Semaphore(0);
  private final List<Throwable> failures = new ArrayList<>();

  Interleaving(long seed) {
    this.random = new Random(seed);
  }

  /** Adds an actor. */
  void actor(Body body) {
    Actor actor = new Actor();
    actors.add(actor);
    threads.add(
        new Thread(
            () -> {
              self.set(actor);
              actor.turn.acquireUninterruptibly();
              try {
                body.run();
              } catch (Exception | AssertionError e) {
                failures.add(e);
              }
              actor.over = true;
              back.release();
            },
            "actor-" + actors.size()));
  }

  /** Lets them act until all are done. What one of them has thrown is thrown. */
  void run() throws Exception {
    threads.forEach(
        thread -> {
          thread.setDaemon(true);
          thread.start();
        });
    List<Actor> living = new ArrayList<>(actors);
    while (!living.isEmpty()) {
      Actor next = living.get(random.nextInt(living.size()));
      next.turn.release();
      back.acquireUninterruptibly();
      if (next.over) {
        living.remove(next);
      }
    }
    for (Thread thread : threads) {
      thread.join();
    }
    for (Throwable failure : failures) {
      if (failure instanceof Exception e) {
        throw e;
      }
      throw (Error) failure;
    }
  }

  /** The end of an actor's turn; nothing for other threads. */
  void pass() {
    Actor actor = self.get();
    if (actor != null) {
      back.release();
      actor.turn.acquireUninterruptibly();
    }
  }

  /** A storage as an actor sees it. */
  CheckpointStore view(MemoryStore memory) {
    return memory.view(
        new MemoryStore.Hook() {
          @Override
          public void before(String what, String path) {
            if (!what.equals("read") && !what.equals("write") && !what.equals("close")) {
              pass();
            }
          }
        });
  }
}
