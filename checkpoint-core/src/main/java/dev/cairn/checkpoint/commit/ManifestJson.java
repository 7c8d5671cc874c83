package dev.cairn.checkpoint.commit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.UnsupportedVersion;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.TrainingState;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The manifest as JSON; the format is in this package's description. JSON trees only: nothing in a
 * manifest can name a class. Stateless.
 */
public final class ManifestJson {

  /** The only major version that this program reads. */
  static final int MAJOR = 3;

  private static final String FORMAT = "cairn-checkpoint";
  private static final Pattern VERSION = Pattern.compile("([1-9][0-9]{0,5})\\.(0|[1-9][0-9]{0,5})");

  private ManifestJson() {}

  /** The manifest as a file's bytes, checksum included. */
  public static byte[] encode(Manifest manifest) throws IOException {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("format", FORMAT).put("version", manifest.formatVersion());
    root.put("step", manifest.step()).put("committed", manifest.wallTime().toString());
    root.put("attempt", manifest.attempt()).put("application", manifest.applicationId());
    manifest.parent().ifPresent(parent -> root.put("parent", parent));
    manifest.training().ifPresent(state -> putTraining(root.putObject("training"), state));
    root.putObject("contents")
        .put("variables", manifest.variables())
        .put("slices", manifest.slices())
        .put("bytes", manifest.totalBytes());
    putFile(root.putObject("index"), manifest.index());
    ArrayNode files = root.putArray("files");
    manifest.files().forEach(file -> putFile(files.addObject(), file));
    ObjectNode phases = root.putObject("phaseMillis");
    manifest.phaseMillis().forEach(phases::put);
    return SealedJson.seal(root);
  }

  private static void putTraining(ObjectNode node, TrainingState state) {
    node.put("step", state.step()).put("seed", state.seed());
    DataPositionJson.put(node.putObject("data"), state.position());
    state.model().ifPresent(model -> putModel(node.putObject("model"), model));
    put(node.putObject("optimizer"), state.optimizer());
    ObjectNode metrics = node.putObject("metrics");
    state.metrics().forEach((name, value) -> JsonFields.put(metrics, name, value));
    ObjectNode configuration = node.putObject("configuration");
    state.configuration().forEach(configuration::put);
    if (!state.scales().isEmpty()) {
      node.put("featureScales", state.scales().encode());
    }
    state.features().ifPresent(made -> FeatureJson.put(node.putObject("features"), made));
    state.test().ifPresent(figures -> TestFiguresJson.put(node.putObject("test"), figures));
  }

  private static void putModel(ObjectNode node, ModelDefinition model) {
    ObjectNode settings = node.put("kind", model.kind()).putObject("settings");
    model.settings().forEach(settings::put);
  }

  static void putFile(ObjectNode node, DataFile file) {
    node.put("name", file.name())
        .put("length", file.length())
        .put("crc32c", SealedJson.hex(file.crc32c()));
  }

  /**
   * Reads a manifest back.
   *
   * @param path the path of the bytes, for messages
   * @throws Corrupt if a byte is not what was written, or a field is missing or makes no sense
   * @throws UnsupportedVersion if an older or a newer program wrote it
   */
  public static Manifest decode(byte[] bytes, String path) throws CheckpointException {
    JsonFields root = SealedJson.open(bytes, path, FORMAT);
    String version = checkVersion(root.text("version"), path);
    try {
      return manifest(root, version, path);
    } catch (IllegalArgumentException e) {
      throw new Corrupt(JsonFields.broken(path, String.valueOf(e.getMessage())), e);
    }
  }

  private static Manifest manifest(JsonFields root, String version, String path)
      throws CheckpointException {
    JsonFields contents = root.object("contents");
    JsonFields training = root.has("training") ? root.object("training") : null;
    Manifest manifest =
        new Manifest(
            version,
            root.text("attempt"),
            root.number("step"),
            root.instant("committed"),
            file(root.object("index")),
            root.objects("files", ManifestJson::file),
            contents.number("variables"),
            contents.number("slices"),
            training == null ? Optional.empty() : Optional.of(state(training)),
            root.has("parent") ? Optional.of(root.text("parent")) : Optional.empty(),
            root.text("application"),
            root.object("phaseMillis").numbers());
    long bytes = contents.number("bytes");
    if (bytes != manifest.totalBytes()) {
      throw new Corrupt(
          JsonFields.broken(
              path,
              "its files add up to "
                  + manifest.totalBytes()
                  + " bytes but 'contents.bytes' says "
                  + bytes));
    }
    return manifest;
  }

  private static TrainingState state(JsonFields node) throws CheckpointException {
    return new TrainingState(
        node.number("step"),
        node.number("seed"),
        DataPositionJson.read(node.object("data")),
        node.has("model") ? Optional.of(model(node.object("model"))) : Optional.empty(),
        optimizer(node.object("optimizer")),
        node.object("metrics").doubles(),
        node.object("configuration").texts(),
        node.has("featureScales")
            ? FeatureScales.decode(node.text("featureScales"))
            : FeatureScales.NONE,
        node.has("features")
            ? Optional.of(FeatureJson.read(node.object("features")))
            : Optional.empty(),
        node.has("test")
            ? Optional.of(TestFiguresJson.read(node.object("test")))
            : Optional.empty());
  }

  private static void put(ObjectNode node, OptimizerSpec optimizer) {
    plain(node, optimizer);
    if (!optimizer.forVariables().isEmpty()) {
      ObjectNode others = node.putObject("variables");
      optimizer
          .forVariables()
          .forEach((variable, other) -> plain(others.putObject(variable), other));
    }
  }

  /** Writes an optimizer without its choices for single variables. */
  private static void plain(ObjectNode node, OptimizerSpec optimizer) {
    ObjectNode settings = node.put("name", optimizer.name()).putObject("hyperparameters");
    optimizer.hyperparameters().forEach(settings::put);
    optimizer.schedule().ifPresent(schedule -> node.put("schedule", schedule));
  }

  private static OptimizerSpec optimizer(JsonFields node) throws CheckpointException {
    SortedMap<String, OptimizerSpec> others = new TreeMap<>();
    if (node.has("variables")) {
      for (Map.Entry<String, JsonFields> other : node.object("variables").objects().entrySet()) {
        others.put(other.getKey(), plain(other.getValue()));
      }
    }
    return plain(node).withForVariables(others);
  }

  private static OptimizerSpec plain(JsonFields node) throws CheckpointException {
    return new OptimizerSpec(
        node.text("name"),
        node.object("hyperparameters").doubles(),
        node.has("schedule") ? Optional.of(node.text("schedule")) : Optional.empty());
  }

  private static ModelDefinition model(JsonFields node) throws CheckpointException {
    return new ModelDefinition(node.text("kind"), node.object("settings").texts());
  }

  static DataFile file(JsonFields node) throws CheckpointException {
    return new DataFile(node.text("name"), node.number("length"), node.checksum("crc32c"));
  }

  private static String checkVersion(String version, String path) throws CheckpointException {
    Matcher matcher = VERSION.matcher(version);
    if (!matcher.matches()) {
      throw new Corrupt(
          JsonFields.broken(path, "field 'version' is '" + version + "', expected major.minor"));
    }
    int major = Integer.parseInt(matcher.group(1));
    if (major != MAJOR) {
      throw new UnsupportedVersion(
          "Cannot read checkpoint: its format is too "
              + (major < MAJOR ? "old" : "new")
              + ", expected version "
              + MAJOR
              + ".x, found "
              + version
              + " (path="
              + path
              + "); "
              + (major < MAJOR
                  ? "train into another folder, or read it with the Cairn that wrote it:"
                      + " TensorFlow reads its variables, too"
                  : "read it with the Cairn that wrote it, or a newer one"));
    }
    return version;
  }
}
