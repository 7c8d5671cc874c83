package dev.cairn.spark.serving;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.checkpoint.publish.VersionLease;
import dev.cairn.checkpoint.publish.WrappedVersion;
import dev.cairn.checkpoint.savedmodel.RowFeatures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The folder that {@code mlflow.pyfunc.load_model} and {@code mlflow models serve} read, around a
 * published version: {@code MLmodel} with the flavors {@code python_function} and {@code
 * tensorflow}, a signature made of the feature definition, requirements, and a small Python module
 * that makes the SavedModel's inputs of a data frame's columns. Stateless.
 */
public final class MlflowModel {
  private static final ObjectMapper JSON = JsonMapper.builder().build();
  private static final String LOADER = "cairn_pyfunc";
  private static final String DATA = "data";
  private static final String SAVED_MODEL = DATA + "/saved_model";
  private static final String PYTHON = "3.11";

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private MlflowModel() {}

  /**
   * Writes the folder.
   *
   * @param target a folder that does not exist yet
   * @return its full path
   * @throws Mismatch if the version does not say how features are made of columns
   */
  public static String write(ModelVersion version, String target, FolderOptions options)
      throws IOException {
    try (VersionLease lease = VersionLease.take(version.checkpoint(), options)) {
      return writeHeld(lease.version().orElse(version), target, options);
    }
  }

  private static String writeHeld(ModelVersion version, String target, FolderOptions options)
      throws IOException {
    FeatureDefinition definition;
    try (CheckpointReader reader = CheckpointReader.open(version.checkpoint(), options)) {
      definition =
          reader
              .manifest()
              .flatMap(Manifest::training)
              .flatMap(TrainingState::features)
              .orElseThrow(
                  () ->
                      new Mismatch(
                          "Cannot write a folder for MLflow: expected a version that says how"
                              + " features are made of columns, found one that was trained on"
                              + " vectors (path="
                              + version.folder()
                              + "); serve it with TensorFlow"));
    }
    List<SavedModelExport.Call> calls =
        SavedModelExport.program(version.checkpoint(), options).calls();
    return WrappedVersion.write(
        version, SAVED_MODEL, files(version.record(), definition, calls.get(0)), target, options);
  }

  /** Whether a folder is the one that this version was written into: the same command again. */
  public static boolean isOf(ModelVersion version, String folder, FolderOptions options)
      throws IOException {
    String inside = Folders.child(folder, SAVED_MODEL);
    return Folders.exists(inside, options)
        && WrappedVersion.record(inside, options).equals(version.record());
  }

  static SortedMap<String, byte[]> files(
      VersionRecord record, FeatureDefinition definition, SavedModelExport.Call call)
      throws IOException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    put(files, "MLmodel", description(record, definition, call));
    put(
        files,
        "python_env.yaml",
        "python: \""
            + PYTHON
            + "\"\nbuild_dependencies:\n- pip\n- setuptools\n- wheel\ndependencies:\n"
            + "- -r requirements.txt\n");
    put(files, "requirements.txt", "mlflow\nnumpy\npandas\ntensorflow>=2.16\n");
    put(files, DATA + "/columns.json", columns(definition));
    try (InputStream in = MlflowModel.class.getResourceAsStream(LOADER + ".py")) {
      if (in == null) {
        throw new IllegalStateException("Cannot find the resource " + LOADER + ".py");
      }
      files.put("code/" + LOADER + ".py", in.readAllBytes());
    }
    return files;
  }

  private static void put(SortedMap<String, byte[]> files, String name, String text) {
    files.put(name, text.getBytes(StandardCharsets.UTF_8));
  }

  private static String description(
      VersionRecord record, FeatureDefinition definition, SavedModelExport.Call call)
      throws JsonProcessingException {
    UUID id = UUID.nameUUIDFromBytes(record.attempt().getBytes(StandardCharsets.UTF_8));
    return String.join(
        "\n",
        "flavors:",
        "  python_function:",
        "    code: code",
        "    data: " + DATA,
        "    env:",
        "      virtualenv: python_env.yaml",
        "    loader_module: " + LOADER,
        "    python_version: \"" + PYTHON + ".0\"",
        "  tensorflow:",
        "    model_type: tf2-module",
        "    saved_model_dir: " + SAVED_MODEL,
        "metadata:",
        "  cairn_version: " + record.number(),
        "  cairn_commit: " + quoted(record.attempt()),
        "  cairn_step: " + record.step(),
        "  cairn_kind: " + quoted(record.kind()),
        "model_uuid: " + id.toString().replace("-", ""),
        "signature:",
        "  inputs: " + quoted(JSON.writeValueAsString(inputs(definition))),
        "  outputs: " + quoted(JSON.writeValueAsString(outputs(record.kind(), call))),
        "  params: null",
        "utc_time_created: " + quoted(TIME.format(record.created())),
        "");
  }

  /** A YAML scalar in single quotes. */
  private static String quoted(String text) {
    return "'" + text.replace("'", "''") + "'";
  }

  private static ArrayNode inputs(FeatureDefinition definition) {
    ArrayNode inputs = JsonNodeFactory.instance.arrayNode();
    Set<String> texts = ServedColumns.texts(definition);
    for (String column : RowFeatures.inputNames(definition).keySet()) {
      String type =
          texts.contains(column)
              ? definition.type(column).map(MlflowModel::type).orElse("string")
              : "double";
      inputs.addObject().put("type", type).put("name", column).put("required", true);
    }
    return inputs;
  }

  private static String type(ColumnType type) {
    return switch (type.kind()) {
      case WHOLE -> "long";
      case BINARY -> "double";
      case BOOLEAN -> "boolean";
      default -> "string";
    };
  }

  /** The outputs that have one number a row, as the module gives them. */
  private static ArrayNode outputs(String kind, SavedModelExport.Call call) {
    boolean classes = Set.of("logistic", "fm", "svm", "softmax").contains(kind);
    Map<String, String> types = new LinkedHashMap<>();
    types.put("margin", "double");
    types.put("prediction", classes ? "long" : "double");
    types.put("probability", "double");
    ArrayNode outputs = JsonNodeFactory.instance.arrayNode();
    types.forEach(
        (name, type) -> {
          if (call.outputs().contains(name)) {
            outputs.addObject().put("type", type).put("name", name).put("required", true);
          }
        });
    return outputs;
  }

  /** What the Python module must know of each column. */
  private static String columns(FeatureDefinition definition) throws JsonProcessingException {
    ArrayNode columns = JsonNodeFactory.instance.arrayNode();
    Set<String> texts = ServedColumns.texts(definition);
    RowFeatures.inputNames(definition)
        .forEach(
            (column, input) -> {
              ObjectNode node = columns.addObject().put("column", column).put("input", input);
              node.put("text", texts.contains(column));
              node.put("type", definition.type(column).map(ColumnType::name).orElse(""));
            });
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(columns) + "\n";
  }
}
