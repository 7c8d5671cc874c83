package dev.cairn.jobs.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.apache.spark.launcher.JavaModuleOptions;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** JMH of the inner loops: gradient, optimizer rows, checksum and write, index build. */
final class KernelBench {
  private KernelBench() {}

  public static void main(String[] arguments) throws Exception {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include("dev\\.cairn\\..*Benchmark")
                    .jvmArgsPrepend(JavaModuleOptions.defaultModuleOptionArray())
                    .build())
            .run();
    for (RunResult result : results) {
      String name = result.getParams().getBenchmark();
      List<String> parameters = new ArrayList<>();
      result
          .getParams()
          .getParamsKeys()
          .forEach(key -> parameters.add(key + "=" + result.getParams().getParam(key)));
      System.out.println(
          Row.note(
                  "JMH",
                  name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1)
                      + (parameters.isEmpty() ? "" : " " + parameters),
                  String.format(
                      Locale.ROOT,
                      "%.4g +- %.2g %s",
                      result.getPrimaryResult().getScore(),
                      result.getPrimaryResult().getScoreError(),
                      result.getPrimaryResult().getScoreUnit()))
              .line());
    }
  }
}
