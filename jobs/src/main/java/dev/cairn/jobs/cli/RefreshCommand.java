package dev.cairn.jobs.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code refresh CONF.properties [key=value ...]}. */
@Command(
    name = "refresh",
    header = "Trains a published model further on new data, and publishes it if a gate lets it.",
    description = {
      "%nBegins with the version in use of refresh.model, parameters and optimizer state, trains on"
          + " the input alone, judges the old and the new model on the rows of split.test, and"
          + " publishes the new one if it passes the gate. The same command again goes on where"
          + " one was killed. Data that was used already is refused.",
      "%nKeys: those of train (cairn help train), of which the features may be left out, since the"
          + " version has them, and those of cairn help refresh."
    },
    footer = {
      "",
      "Exit codes: 0 published; 3 the gate refused the new model, and the old one stays in use; 2"
          + " an error;",
      "143 or 130 when a signal stopped training after it saved."
    })
final class RefreshCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "CONF.properties", description = "The configuration.")
  private Path file = Path.of("");

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "key=value",
      description = "Keys that win over the file's.")
  private List<String> words = new ArrayList<>();

  private final Console console;

  RefreshCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws Exception {
    return new RefreshRun(file, words, console).run();
  }
}
