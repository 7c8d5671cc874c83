package dev.cairn.spark;

import org.apache.spark.SparkConf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps executors alive through a Ctrl-C that is meant for the driver. A terminal sends it to every
 * process that was started from it, and those of an embedded cluster ({@code local-cluster}) are
 * among them: without this they would be dead before the driver can save what they hold. They end
 * when the driver ends, by SIGTERM, or by {@code kill -9}. Executors of real clusters have no
 * terminal and are left as they are.
 *
 * <p>{@code sun.misc.Signal} is the JDK's only way to do this (module jdk.unsupported, in every
 * JDK). It is reached by reflection because javac warns of it in a way that cannot be silenced.
 */
final class TerminalInterrupt {
  private static final Logger LOG = LoggerFactory.getLogger(TerminalInterrupt.class);

  private TerminalInterrupt() {}

  /** Makes this process ignore SIGINT from now on, if it is an embedded executor. */
  static void ignoreIfEmbedded(SparkConf conf) {
    if (!SparkMaster.of(conf).isLocalCluster()) {
      return;
    }
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ignore = handler.getField("SIG_IGN").get(null);
      signal
          .getMethod("handle", signal, handler)
          .invoke(null, signal.getConstructor(String.class).newInstance("INT"), ignore);
    } catch (ReflectiveOperationException | IllegalArgumentException e) {
      LOG.warn("Ctrl-C will end this executor, too: {}", e.toString());
    }
  }
}
