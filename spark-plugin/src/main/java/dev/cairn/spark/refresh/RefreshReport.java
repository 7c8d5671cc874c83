package dev.cairn.spark.refresh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunFile;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.spark.ml.ModelComparison;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** The report of a refresh as JSON: for people, for programs, and for the same refresh again. */
final class RefreshReport {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RefreshReport() {}

  static void write(RefreshResult result, String path, FolderOptions options) throws IOException {
    byte[] bytes = JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(tree(result));
    RunFile.at(path, options).replace(bytes);
  }

  /**
   * Whether the refresh that published a version came to its end: its report, written last, names
   * the version.
   */
  static boolean isFinal(String path, VersionRecord version, FolderOptions options)
      throws IOException {
    Optional<byte[]> bytes = RunFile.at(path, options).read();
    if (bytes.isEmpty()) {
      return false;
    }
    JsonNode tree = JSON.readTree(bytes.get());
    return tree.path("published").asBoolean() && tree.path("version").asLong() == version.number();
  }

  private static ObjectNode tree(RefreshResult result) {
    boolean published =
        result.outcome() == RefreshResult.Outcome.PUBLISHED
            || result.outcome() == RefreshResult.Outcome.FINISHED;
    ObjectNode tree = JSON.createObjectNode();
    tree.put("outcome", result.outcome().name().toLowerCase(Locale.ROOT));
    tree.put("published", published);
    result.parent().map(ModelVersion::number).ifPresent(of -> tree.put("parent", of));
    result.version().map(ModelVersion::number).ifPresent(of -> tree.put("version", of));
    tree.put("checkpoint", result.checkpoint());
    if (!result.warnings().isEmpty()) {
      result.warnings().forEach(tree.putArray("warnings")::add);
    }
    result
        .data()
        .ifPresent(
            data -> {
              ObjectNode used = tree.putObject("data");
              used.put("input", data.input());
              used.put("fingerprint", data.fingerprint());
              used.put("rows", data.rows());
              data.range().ifPresent(range -> used.put("range", range.toString()));
            });
    result
        .gate()
        .ifPresent(
            gate -> {
              ObjectNode node = tree.putObject("gate");
              node.put("verdict", gate.verdict().name().toLowerCase(Locale.ROOT));
              ArrayNode checks = node.putArray("checks");
              for (GateReport.Check check : gate.checks()) {
                checks
                    .addObject()
                    .put("outcome", check.outcome().name().toLowerCase(Locale.ROOT))
                    .put("check", check.words());
              }
            });
    result.compared().ifPresent(compared -> put(tree, compared));
    return tree;
  }

  private static void put(ObjectNode tree, ModelComparison compared) {
    compared.before().ifPresent(figures -> put(tree.putObject("before"), figures));
    put(tree.putObject("after"), compared.after());
    ObjectNode slices = tree.putObject("slices");
    compared
        .slices()
        .forEach(
            (column, values) -> {
              ObjectNode of = slices.putObject(column);
              values.forEach(
                  (value, slice) -> {
                    ObjectNode one = of.putObject(value).put("rows", slice.rows());
                    put(one, "lossBefore", slice.before());
                    put(one, "lossAfter", slice.after());
                  });
            });
  }

  private static void put(ObjectNode node, TestFigures figures) {
    figures.numbers().forEach((name, value) -> put(node, name, value));
  }

  private static void put(ObjectNode node, String name, double value) {
    if (Double.isFinite(value)) {
      node.put(name, value);
    } else if (!Double.isNaN(value) || !name.equals("lossBefore")) {
      node.put(name, Double.toString(value)); // JSON has no such numbers
    }
  }
}
