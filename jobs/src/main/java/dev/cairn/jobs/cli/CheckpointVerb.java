package dev.cairn.jobs.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointPath;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.jobs.config.PathBase;
import dev.cairn.jobs.show.PlainText;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The common part of the verbs on checkpoints: {@code --json}, Hadoop settings, and finding the
 * checkpoint that an argument means.
 */
abstract class CheckpointVerb implements Callable<Integer> {
  static final ObjectMapper JSON =
      JsonMapper.builder(JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build())
          .build();

  @Option(names = "--json", description = "Print JSON for programs in place of text for people.")
  private boolean json;

  @Option(
      names = "--hadoop",
      paramLabel = "KEY=VALUE",
      description =
          "A Hadoop setting over those of HADOOP_CONF_DIR, such as fs.defaultFS=hdfs://host:8020.")
  private Map<String, String> hadoop = new LinkedHashMap<>();

  @Spec private CommandSpec spec = CommandSpec.create();

  final Console console;

  CheckpointVerb(Console console) {
    this.console = console;
  }

  final boolean json() {
    return json;
  }

  final FolderOptions options() {
    return FolderOptions.defaults().withHadoopProperties(new TreeMap<>(hadoop));
  }

  /** Prints JSON in ASCII: a program gets every key as it is, whatever the terminal's letters. */
  final void print(ObjectNode tree) throws JsonProcessingException {
    console.out().println(JSON.writerWithDefaultPrettyPrinter().writeValueAsString(tree));
  }

  final void say(String line) {
    console.out().println(PlainText.of(line));
  }

  /** The path that the user gave, in which {@code ~} is the home folder. */
  final String home(String path) {
    try {
      return PathBase.home(path);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          spec.commandLine(), "Cannot use " + path + ": expected " + e.getMessage());
    }
  }

  /** The error for options that do not go together; the command's usage follows it. */
  final ParameterException misused(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /**
   * Opens the checkpoint that {@code path} means: a checkpoint itself, TensorFlow's prefix of one,
   * or a folder that stands for one (see {@link CheckpointPath}).
   */
  final CheckpointReader open(String path) throws IOException {
    return CheckpointReader.open(resolve(path), options());
  }

  final String resolve(String path) throws IOException {
    return CheckpointPath.resolve(home(path), options());
  }

  /** A run's folder that is there. */
  final String folder(String path) throws IOException {
    String own = home(path);
    CheckpointPath.requireFolder(own, options());
    return own;
  }

  /** Says which version is in use, where it is not the one that was asked for. */
  final void sayInUse(String model, ModelVersion asked) throws IOException {
    try (ModelFolder folder = ModelFolder.open(model, options())) {
      OptionalLong now = folder.inUse();
      if (!now.equals(OptionalLong.of(asked.number()))) {
        say(
            "In use is version "
                + now.orElseThrow()
                + ", and stays so, since somebody has decided that: rollback --to "
                + asked.number()
                + " --by-label goes to this one");
      }
    }
  }
}
