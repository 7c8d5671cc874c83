package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code train CONF.properties [key=value ...]}. */
@Command(
    name = "train",
    header = "Trains; goes on by itself from the newest good checkpoint of the run's folder.",
    description = "%nAll keys: cairn help train.")
final class TrainCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "CONF.properties", description = "The run's configuration.")
  private Path file = Path.of("");

  @Parameters(
      index = "1..*",
      arity = "0..*",
      paramLabel = "key=value",
      description = "Keys that win over the file's.")
  private List<String> words = new ArrayList<>();

  private final Console console;

  TrainCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws Exception {
    TrainConf conf = TrainConfLoader.load(file, words);
    return new TrainRun(conf, console).run();
  }
}
