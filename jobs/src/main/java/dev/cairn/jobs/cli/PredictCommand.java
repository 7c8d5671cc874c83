package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.PathBase;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code predict RUN INPUT OUTPUT [key=value ...]}, {@code predict RUN --stdin}. */
@Command(
    name = "predict",
    header = "Scores new rows with a published model, a run's result or a checkpoint.",
    synopsisHeading = "Usage: ",
    customSynopsis = {
      "cairn predict MODEL|RUN|CHECKPOINT INPUT OUTPUT [key=value ...]",
      "       cairn predict MODEL|RUN|CHECKPOINT --stdin [--json]"
    },
    description = {
      "%nReads rows as train does and makes features as the checkpoint says. OUTPUT is a folder of"
          + " Parquet, or of CSV if its name ends in .csv, with the columns margin, probability,"
          + " prediction and checkpoint. MODEL is the folder of a published model, MODELS/name or"
          + " MODELS/name@label: its version is a column, too. Scores of the same model and INPUT in"
          + " OUTPUT are replaced, in one step; whatever else predict has not made is refused.",
      "%nKeys: all of input.*, spark.* and executors as for train (cairn help train), and"
          + "%n  output.columns    columns of the input to keep, a,b,c or * for all; default: *"
          + "%n  output.format     auto, parquet or csv; default: auto"
          + "%n  output.overwrite  true replaces scores by another model or of another INPUT, too;"
          + " default: false"
          + "%n  output.partition-by  columns of OUTPUT to cut it into folders by, a,b; default: none"
          + "%n  threshold         probability above which 1 is predicted; default: 0.5"
    })
final class PredictCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "WORD",
      hidden = true,
      description = "RUN|CHECKPOINT INPUT OUTPUT [key=value ...]")
  private List<String> words = new ArrayList<>();

  @Option(
      names = "--stdin",
      description =
          "Score the lines of standard input (CSV with a header line, or JSON objects, one a line)"
              + " without starting Spark. Derived columns must be among the columns: their SQL"
              + " needs Spark.")
  private boolean stdin;

  @Option(names = "--json", description = "With --stdin: answer in JSON, a line a row.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Console console;

  PredictCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws Exception {
    if (stdin) {
      if (words.size() != 1) {
        throw usage("expected RUN|CHECKPOINT alone with --stdin");
      }
      return new PredictLines(console)
          .run(run(), new InputStreamReader(System.in, StandardCharsets.UTF_8), json);
    }
    if (words.size() < 3) {
      throw usage("expected RUN|CHECKPOINT INPUT OUTPUT, found " + words.size() + " of them");
    }
    if (words.subList(0, 3).stream().anyMatch(String::isBlank)) {
      throw usage("expected RUN|CHECKPOINT INPUT OUTPUT, found an empty one among them");
    }
    return new PredictRun(PredictConf.of(words), console).run();
  }

  /** The run that the user gave, in which {@code ~} is the home folder. */
  private String run() {
    try {
      return PathBase.home(words.get(0));
    } catch (IllegalArgumentException e) {
      throw usage("Cannot use " + words.get(0) + ": expected " + e.getMessage());
    }
  }

  private CommandLine.ParameterException usage(String what) {
    return new CommandLine.ParameterException(spec.commandLine(), what);
  }
}
