package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.JobException;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * {@code bench [name ...]}: the measurements live beside the tests, with HDFS in a process and JMH.
 */
@Command(
    name = "bench",
    header =
        "Measures save, restore, synchronisation and kernels, side by side with what they are"
            + " compared to.")
final class BenchCommand implements Callable<Integer> {
  private static final String RUNNER = "dev.cairn.jobs.bench.Bench";

  @Parameters(
      arity = "0..*",
      paramLabel = "NAME",
      description =
          "Which ones, such as tensorflow; the usual ones when none is named. `bench list` names"
              + " them.")
  private List<String> names = new ArrayList<>();

  private final Console console;

  BenchCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws Exception {
    try {
      // The product does not depend on its tests; the launcher puts them on the class path of this
      // verb.
      return (Integer)
          Class.forName(RUNNER)
              .getMethod("run", List.class, java.io.PrintStream.class)
              .invoke(null, names, console.out());
    } catch (ClassNotFoundException e) {
      throw new JobException(
          "Cannot run the benchmarks: they are not on the class path; start them as `jobs/cairn"
              + " bench` in a clone",
          e);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof Exception cause) {
        throw cause;
      }
      throw e;
    }
  }
}
