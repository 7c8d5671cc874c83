package dev.cairn.jobs.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.Checkpoint;
import dev.cairn.checkpoint.CheckpointManager;
import dev.cairn.checkpoint.CheckpointOptions;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.model.CheckpointException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/**
 * What the verbs on checkpoints share: {@code --json}, Hadoop settings, finding what an argument
 * means.
 */
abstract class CheckpointVerb implements Callable<Integer> {
  static final ObjectMapper JSON = new ObjectMapper();

  @Option(names = "--json", description = "Print JSON for programs in place of text for people.")
  private boolean json;

  @Option(
      names = "--hadoop",
      paramLabel = "KEY=VALUE",
      description =
          "A Hadoop setting over those of HADOOP_CONF_DIR, such as fs.defaultFS=hdfs://host:8020.")
  private Map<String, String> hadoop = new LinkedHashMap<>();

  final Console console;

  CheckpointVerb(Console console) {
    this.console = console;
  }

  final boolean json() {
    return json;
  }

  final CheckpointOptions options() {
    return CheckpointOptions.defaults().withHadoopProperties(new TreeMap<>(hadoop));
  }

  final void print(ObjectNode tree) throws JsonProcessingException {
    say(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tree));
  }

  final void say(String line) {
    console.out().println(line);
  }

  /**
   * A reader of the checkpoint that {@code path} means: a checkpoint itself, what TensorFlow calls
   * its prefix, or a run's folder, whose newest checkpoint is meant.
   */
  final CheckpointReader open(String path) throws IOException {
    return CheckpointReader.open(resolve(path), options());
  }

  final String resolve(String path) throws IOException {
    try {
      CheckpointReader.open(path, options()).close();
      return path;
    } catch (CheckpointException.NotFound e) {
      return latest(path).map(Checkpoint::path).orElseThrow(() -> e);
    } catch (CheckpointException.Corrupt | CheckpointException.UnsupportedVersion e) {
      return path; // It is there: whoever reads it says what is wrong with it.
    }
  }

  private Optional<Checkpoint> latest(String folder) throws IOException {
    try (CheckpointManager manager = CheckpointManager.open(folder, options())) {
      return manager.latest();
    } catch (CheckpointException.NotFound e) {
      return Optional.empty();
    }
  }
}
