package dev.cairn.jobs.bench;

import dev.cairn.jobs.show.TextTable;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code jobs/cairn bench [name ...]}: runs benchmarks and prints one table of what was reached and
 * what is wanted, with the raw figures, the machine and the versions beneath.
 */
public final class Bench {
  private record Program(Class<?> main, String heap, String what) {}

  private static final Map<String, Program> PROGRAMS = programs();

  /**
   * The benchmarks that run when none is named: they need no data of one's own, and not many
   * minutes.
   */
  private static final List<String> USUAL = List.of("p1", "p2", "p6", "p10", "p11");

  private Bench() {}

  private static Map<String, Program> programs() {
    Map<String, Program> programs = new LinkedHashMap<>();
    programs.put("p1", new Program(SaveBench.class, "-Xmx3g", "save against raw writes"));
    programs.put(
        "p2", new Program(RestoreBench.class, "-Xmx3g", "restore against raw reads, TensorFlow"));
    programs.put(
        "tensorflow",
        new Program(
            TensorFlowBench.class, TensorFlowBench.HEAP, "save and restore against TensorFlow's"));
    programs.put(
        "p3", new Program(AsyncSaveBench.class, "-Xmx1g", "training while saves are written"));
    programs.put(
        "p4",
        new Program(
            FlightsBench.class, "-Xmx4g", "the flights against MLlib and liblinear; P5, P12"));
    programs.put("p6", new Program(StepBench.class, "-Xmx1g", "one step's synchronisation"));
    programs.put("p10", new Program(MemoryBench.class, "-Xmx256m", "extra memory"));
    programs.put(
        "p11",
        new Program(TrainBench.class, "-Xmx1g", "a core's steps; P9: steps over dimensions"));
    programs.put(
        "scoring", new Program(ScoringBench.class, ScoringBench.HEAP, "transform against MLlib's"));
    programs.put(
        "publish", new Program(PublishBench.class, "-Xmx1g", "a publication against cp -r"));
    programs.put(
        "refresh",
        new Program(RefreshBench.class, "-Xmx2g", "monthly refreshes against full training"));
    programs.put("recovery", new Program(RecoveryBench.class, "-Xmx1g", "a lost executor"));
    programs.put("kernels", new Program(KernelBench.class, "-Xmx1g", "JMH of the inner loops"));
    return programs;
  }

  /**
   * Runs the named benchmarks; the usual ones when none is named; {@code list} names them. Called
   * by {@code cairn bench}.
   *
   * @return the exit status
   */
  public static Integer run(List<String> names, PrintStream out) throws Exception {
    if (names.equals(List.of("list"))) {
      PROGRAMS.forEach((name, program) -> out.println(name + "  " + program.what()));
      return 0;
    }
    for (String name : names) {
      if (!PROGRAMS.containsKey(name)) {
        out.println("cairn: no benchmark " + name + ", expected one of " + PROGRAMS.keySet());
        return 2;
      }
    }
    String before = Machine.load();
    List<Row> rows = new ArrayList<>();
    boolean failed = false;
    for (String name : names.isEmpty() ? USUAL : names) {
      Program program = PROGRAMS.get(name);
      out.println(name + ": " + program.what() + " ...");
      out.flush();
      failed |= !run(name, program, rows, out);
    }
    print(rows, before, out);
    return failed ? 1 : 0;
  }

  /** Does the same as {@link #run}, for a start without the launcher. */
  public static void main(String[] arguments) throws Exception {
    System.exit(run(List.of(arguments), System.out));
  }

  private static boolean run(String name, Program program, List<Row> rows, PrintStream out)
      throws IOException, InterruptedException {
    try (ChildJvm jvm = ChildJvm.start(program.main(), List.of(program.heap().split(" ")))) {
      int status =
          jvm.finish(
              line -> {
                if (Row.isLine(line)) { // all else is what libraries say
                  rows.add(Row.parse(line));
                } else if (name.equals("kernels")) {
                  out.println(line);
                }
              });
      if (status != 0) {
        out.println(name + " failed: see " + jvm.log());
      }
      return status == 0;
    }
  }

  private static void print(List<Row> rows, String before, PrintStream out) {
    TextTable table = new TextTable("", "what", ">reached", ">wanted", "reached?");
    rows.forEach(r -> table.row(r.name(), r.what(), r.reached(), r.wanted(), r.verdict()));
    out.println();
    table.lines().forEach(out::println);
    out.println("\nRaw figures: median (least .. largest)");
    for (Row row : rows) {
      for (String raw : row.raw()) {
        out.println(String.format(Locale.ROOT, "%-4s %s", row.name(), raw));
      }
    }
    out.println();
    Machine.lines().forEach(out::println);
    out.println("Load average (1, 5, 15 min): before " + before + ", after " + Machine.load());
  }
}
