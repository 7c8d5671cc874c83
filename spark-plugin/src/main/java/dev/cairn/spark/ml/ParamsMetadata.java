package dev.cairn.spark.ml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.FolderReplacement;
import dev.cairn.spark.trainer.HadoopSettings;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamPair;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The metadata that Spark ML keeps beside a stage: one line of JSON with class, uid and parameters,
 * in the form that {@code Pipeline} and {@code CrossValidator} read. Spark's own writer is closed
 * to other packages.
 */
final class ParamsMetadata {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ParamsMetadata() {}

  /**
   * Writes {@code path/metadata}.
   *
   * @param more the further top-level fields
   */
  static void write(Params stage, String path, SparkSession spark, Map<String, String> more)
      throws IOException {
    ObjectNode root = JSON.createObjectNode();
    root.put("class", stage.getClass().getName());
    root.put("timestamp", System.currentTimeMillis());
    root.put("sparkVersion", spark.version());
    root.put("uid", stage.uid());
    ObjectNode set = root.putObject("paramMap");
    for (ParamPair<?> pair : CollectionConverters.asJava(stage.extractParamMap().toSeq())) {
      if (stage.isSet(pair.param())) {
        set.set(pair.param().name(), encoded(pair));
      }
    }
    root.putObject("defaultParamMap");
    more.forEach(root::put);
    spark
        .createDataset(List.of(JSON.writeValueAsString(root)), Encoders.STRING())
        .coalesce(1)
        .write()
        .text(path + "/metadata");
  }

  /** Reads a stage of which nothing but metadata was written; it is made of its uid. */
  static <T extends Params> MLReader<T> reader(Class<T> type, Function<String, T> make) {
    return reader(type, (metadata, place) -> make.apply(metadata.path("uid").asText()));
  }

  /** Does the same for a stage that is made of its metadata and of their path. */
  static <T extends Params> MLReader<T> reader(
      Class<T> type, BiFunction<JsonNode, String, T> make) {
    return new MLReader<>() {
      @Override
      public T load(String path) {
        try {
          FolderOptions options = HadoopSettings.options(sparkSession().sparkContext());
          String place = FolderReplacement.current(path, options);
          JsonNode metadata = ParamsMetadata.read(place, sparkSession(), type);
          T stage = make.apply(metadata, place);
          restore(stage, metadata);
          return stage;
        } catch (IOException e) {
          throw new TrainingFailedException(e);
        }
      }
    };
  }

  /** Reads {@code path/metadata}, checking that it is about this class. */
  static JsonNode read(String path, SparkSession spark, Class<?> expected) {
    String text = spark.read().textFile(path + "/metadata").first();
    try {
      JsonNode root = JSON.readTree(text);
      String found = root.path("class").asText();
      if (!found.equals(expected.getName())) {
        throw new IllegalArgumentException(
            "Cannot load "
                + path
                + ": expected a "
                + expected.getName()
                + ", found a "
                + (found.isEmpty() ? "file without class" : found));
      }
      return root;
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "Cannot load " + path + "/metadata: expected JSON, found something else", e);
    }
  }

  /** Sets the parameters that were set when the stage was written. */
  static void restore(Params stage, JsonNode metadata) {
    for (Map.Entry<String, JsonNode> entry : metadata.path("paramMap").properties()) {
      restore(stage, stage.getParam(entry.getKey()), entry.getValue().toString());
    }
  }

  private static <T> void restore(Params stage, Param<T> param, String json) {
    stage.set(param, param.jsonDecode(json));
  }

  private static <T> JsonNode encoded(ParamPair<T> pair) throws IOException {
    return JSON.readTree(pair.param().jsonEncode(pair.value()));
  }
}
