package dev.cairn.jobs.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Turns the first SIGTERM or SIGINT into a request to save and stop; a second one ends the process
 * at once. A shutdown hook would be too late: Spark's own hook stops the cluster at the same time.
 *
 * <p>{@code sun.misc.Signal} is the JDK's only way to do this (module jdk.unsupported, in every
 * JDK). It is reached by reflection because javac warns of it in a way that cannot be silenced;
 * without it signals do what they always do.
 */
final class RunSignals {
  private final AtomicInteger received = new AtomicInteger();
  private final Runnable stop;

  private RunSignals(Runnable stop) {
    this.stop = stop;
  }

  /**
   * Makes signals call {@code stop} from now on, on a thread of the JVM's; {@code stop} returns
   * quickly.
   */
  static RunSignals install(Runnable stop) {
    RunSignals signals = new RunSignals(stop);
    signals.handle("TERM", 15);
    signals.handle("INT", 2);
    return signals;
  }

  private void handle(String name, int number) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      InvocationHandler onSignal =
          (proxy, method, arguments) -> {
            if (!method.getName().equals("handle")) {
              return method.invoke(this, arguments); // Object's methods
            }
            received(number);
            return null;
          };
      Object instance =
          Proxy.newProxyInstance(
              RunSignals.class.getClassLoader(), new Class<?>[] {handler}, onSignal);
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance(name), instance);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      return; // -Xrs, or another JVM: it ends us in its own way, and the last checkpoint stays.
    }
  }

  private void received(int number) {
    if (received.getAndSet(number) != 0) {
      Runtime.getRuntime().halt(128 + number);
    }
    stop.run();
  }

  /** 128 plus the signal's number, as shells report it; 0 when there was none. */
  int exitCode() {
    int number = received.get();
    return number == 0 ? 0 : 128 + number;
  }
}
