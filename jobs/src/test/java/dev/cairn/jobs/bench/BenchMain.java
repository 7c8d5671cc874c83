package dev.cairn.jobs.bench;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The measurements behind {@code jobs/cairn bench}: adds one by putting it into {@link #benches}.
 */
public final class BenchMain {
  /** One measurement; prints its table. */
  @FunctionalInterface
  interface Bench {
    void run(PrintStream out) throws Exception;
  }

  private BenchMain() {}

  private static Map<String, Bench> benches() {
    Map<String, Bench> benches = new LinkedHashMap<>();
    benches.put("kernels", BenchMain::kernels);
    return benches;
  }

  /**
   * Runs the named measurements, or all; {@code list} names them. Called by {@code cairn bench}.
   */
  public static Integer run(List<String> names, PrintStream out) throws Exception {
    Map<String, Bench> benches = benches();
    if (names.equals(List.of("list"))) {
      benches.keySet().forEach(out::println);
      return 0;
    }
    for (String name : names.isEmpty() ? List.copyOf(benches.keySet()) : names) {
      Bench bench = benches.get(name);
      if (bench == null) {
        out.println("cairn: no benchmark " + name + ", expected one of " + benches.keySet());
        return 2;
      }
      bench.run(out);
      out.flush();
    }
    out.printf(
        java.util.Locale.ROOT,
        "%nmachine: %d processors, Java %s, %s %s%n",
        Runtime.getRuntime().availableProcessors(),
        Runtime.version(),
        System.getProperty("os.name"),
        System.getProperty("os.version"));
    return 0;
  }

  private static void kernels(PrintStream out) throws RunnerException {
    out.println("Kernels, by JMH:");
    out.flush();
    new Runner(new OptionsBuilder().include("dev\\.cairn\\..*Benchmark").build()).run();
  }
}
