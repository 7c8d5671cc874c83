package dev.cairn.checkpoint.commit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.UnsupportedVersion;
import dev.cairn.checkpoint.model.ClassFigures;
import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Derived;
import dev.cairn.checkpoint.model.FeatureDefinition.Label;
import dev.cairn.checkpoint.model.FeatureDefinition.Nulls;
import dev.cairn.checkpoint.model.FeatureDefinition.Offset;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.NumberFigures;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.checkpoint.model.TrainingState;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The manifest's words: golden text, round trip, versions, missing fields (S62, S63). */
class ManifestJsonTest {

  private static final Set<String> OPTIONAL =
      Set.of(
          "parent",
          "training.model",
          "training.optimizer.variables",
          "training.optimizer.variables.factors.schedule",
          "training.model.settings.classes",
          "training",
          "training.features",
          "training.features.label",
          "training.features.offset",
          "training.features.types",
          "training.features.types.date",
          "training.features.types.origin",
          "training.features.derived.0.type",
          "training.features.label.positive",
          "training.test",
          "training.test.auc",
          // These follow from the tenths; they are there for people.
          "training.test.rows",
          "training.test.positive",
          "training.test.precision",
          "training.test.recall",
          "training.test.f1");

  private static Manifest manifest() {
    return new Manifest(
        "3.0",
        "0123456789abcdef-1",
        1200,
        Instant.parse("2026-01-02T03:04:05.678Z"),
        new DataFile("variables.index", 355, 0x1234),
        List.of(
            new DataFile("variables.data-00000-of-00002", 191, 0xdeadbeef),
            new DataFile("variables.data-00001-of-00002", 0, 0)),
        3,
        4,
        Optional.of(
            new TrainingState(
                1200,
                -42,
                new DataPosition(1, 2, 10, 4, 1000, "f00d"),
                Optional.of(new ModelDefinition("softmax", new TreeMap<>(Map.of("classes", "3")))),
                optimizer(),
                new TreeMap<>(Map.of("auc", 0.75, "loss", Double.POSITIVE_INFINITY)),
                new TreeMap<>(Map.of("train.seed", "-42")),
                FeatureScales.NONE,
                Optional.of(
                    new FeatureDefinition(
                            List.of(
                                new Derived(
                                    "hour", "hour(date)", Optional.of(new ColumnType("int")))),
                            List.of("origin"),
                            List.of("distance"),
                            List.of(List.of("origin", "hour")),
                            1 << 22,
                            Optional.of(new Label("delayed", Optional.of("yes"))),
                            Nulls.ABSENT,
                            new TreeMap<>(
                                Map.of(
                                    "date",
                                    new ColumnType("timestamp"),
                                    "origin",
                                    ColumnType.DIGITS)))
                        .withOffset(Optional.of(new Offset("ln(seats)")))),
                Optional.of(
                    new BinaryFigures(
                        0.5,
                        0.25,
                        OptionalDouble.of(0.75),
                        List.of(
                            new BinaryFigures.Tenth(2, 3, 1, 0.75, 0, 0),
                            new BinaryFigures.Tenth(9, 1, 1, 0.9375, 1, 1)))))),
        Optional.of("ckpt-1100"),
        "app-1",
        new TreeMap<>(Map.of("write", 12L)));
  }

  private static final String GOLDEN =
      """
      {
        "format" : "cairn-checkpoint",
        "version" : "3.0",
        "step" : 1200,
        "committed" : "2026-01-02T03:04:05.678Z",
        "attempt" : "0123456789abcdef-1",
        "application" : "app-1",
        "parent" : "ckpt-1100",
        "training" : {
          "step" : 1200,
          "seed" : -42,
          "data" : {
            "epoch" : 1,
            "batch" : 2,
            "batchesPerEpoch" : 10,
            "partitions" : 4,
            "rows" : 1000,
            "fingerprint" : "f00d"
          },
          "model" : {
            "kind" : "softmax",
            "settings" : {
              "classes" : "3"
            }
          },
          "optimizer" : {
            "name" : "ftrl",
            "hyperparameters" : {
              "alpha" : 0.1
            },
            "variables" : {
              "bias" : {
                "name" : "sgd",
                "hyperparameters" : { }
              },
              "factors" : {
                "name" : "adam",
                "hyperparameters" : {
                  "l2" : 0.5
                },
                "schedule" : "cosine decay_steps=9"
              }
            }
          },
          "metrics" : {
            "auc" : 0.75,
            "loss" : "Infinity"
          },
          "configuration" : {
            "train.seed" : "-42"
          },
          "features" : {
            "derived" : [
              {
                "name" : "hour",
                "sql" : "hour(date)",
                "type" : "int"
              }
            ],
            "categorical" : [
              "origin"
            ],
            "numeric" : [
              "distance"
            ],
            "crosses" : [
              [
                "origin",
                "hour"
              ]
            ],
            "size" : 4194304,
            "nulls" : "absent",
            "label" : {
              "sql" : "delayed",
              "positive" : "yes"
            },
            "offset" : "ln(seats)",
            "types" : {
              "date" : "timestamp",
              "origin" : "digits"
            }
          },
          "test" : {
            "rows" : 4,
            "positive" : 2,
            "logLoss" : 0.25,
            "auc" : 0.75,
            "threshold" : 0.5,
            "precision" : 1.0,
            "recall" : 0.5,
            "f1" : 0.6666666666666666,
            "calibration" : [
              {
                "tenth" : 2,
                "rows" : 3,
                "positive" : 1,
                "probabilities" : 0.75,
                "predicted" : 0,
                "hits" : 0
              },
              {
                "tenth" : 9,
                "rows" : 1,
                "positive" : 1,
                "probabilities" : 0.9375,
                "predicted" : 1,
                "hits" : 1
              }
            ]
          }
        },
        "contents" : {
          "variables" : 3,
          "slices" : 4,
          "bytes" : 191
        },
        "index" : {
          "name" : "variables.index",
          "length" : 355,
          "crc32c" : "00001234"
        },
        "files" : [
          {
            "name" : "variables.data-00000-of-00002",
            "length" : 191,
            "crc32c" : "deadbeef"
          },
          {
            "name" : "variables.data-00001-of-00002",
            "length" : 0,
            "crc32c" : "00000000"
          }
        ],
        "phaseMillis" : {
          "write" : 12
        },
        "crc32c" : "CRC"
      }
      """;

  @Test
  void goldenText() throws Exception {
    String text = new String(ManifestJson.encode(manifest()), StandardCharsets.UTF_8);
    assertEquals(GOLDEN, text.replaceAll("\"[0-9a-f]{8}\"\n}\n$", "\"CRC\"\n}\n"));
    assertEquals(manifest(), ManifestJson.decode(text.getBytes(StandardCharsets.UTF_8), "golden"));
  }

  /** Manifests of models whose features are taken as they are have no such field. */
  @Test
  void scalesOfFeatures() throws Exception {
    ObjectNode root = tree();
    FeatureScales scales = new FeatureScales(new int[] {2, 5}, new double[] {0.5, 1e9});
    ((ObjectNode) root.get("training")).put("featureScales", scales.encode());
    Manifest read = ManifestJson.decode(SealedJson.seal(root), "p");
    assertEquals(scales, read.training().orElseThrow().scales());
    assertEquals(read, ManifestJson.decode(ManifestJson.encode(read), "p"));
    ((ObjectNode) root.get("training")).put("featureScales", "AAAA");
    assertThrows(Corrupt.class, () -> ManifestJson.decode(SealedJson.seal(root), "p"));
  }

  @Test
  void testFiguresOfEachKind() throws Exception {
    ClassFigures classes =
        new ClassFigures(
            0.25,
            OptionalDouble.of(0.75),
            List.of(new ClassFigures.OfClass(4, 3, 2), new ClassFigures.OfClass(1, 2, 0)));
    NumberFigures numbers = new NumberFigures(3, 0.5, 4, 1.5, OptionalDouble.empty());
    for (TestFigures figures : List.of(classes, numbers)) {
      ObjectNode root = tree();
      ObjectNode test = ((ObjectNode) root.get("training")).putObject("test");
      TestFiguresJson.put(test, figures);
      Manifest read = ManifestJson.decode(SealedJson.seal(root), "p");
      assertEquals(figures, read.training().orElseThrow().test().orElseThrow());
      assertEquals(read, ManifestJson.decode(ManifestJson.encode(read), "p"));
    }
    assertEquals(0.4, classes.accuracy());
    assertEquals(4 * (4.0 / 7) / 5, classes.f1());
    assertEquals(2, numbers.rootMeanSquaredError());
  }

  /** Figures that are no number, or are not defined. */
  @Test
  void testFiguresThatAreNone() throws Exception {
    ObjectNode root = tree();
    ObjectNode test = (ObjectNode) root.get("training").get("test");
    test.put("logLoss", "NaN").remove("auc");
    Manifest read = ManifestJson.decode(SealedJson.seal(root), "p");
    BinaryFigures figures = (BinaryFigures) read.training().orElseThrow().test().orElseThrow();
    assertTrue(Double.isNaN(figures.logLoss()) && figures.auc().isEmpty(), figures::toString);
    assertEquals(read, ManifestJson.decode(ManifestJson.encode(read), "p"));
    ((ObjectNode) test.get("calibration").get(0)).put("hits", 2);
    assertThrows(Corrupt.class, () -> ManifestJson.decode(SealedJson.seal(root), "p"));
  }

  /** Manifests of runs with one learning rate, and older ones, have no such field. */
  @Test
  void scheduleOfTheRate() throws Exception {
    ObjectNode root = tree();
    ObjectNode optimizer = (ObjectNode) root.get("training").get("optimizer");
    optimizer.put("schedule", "cosine decay_steps=10");
    Manifest read = ManifestJson.decode(SealedJson.seal(root), "p");
    assertEquals(
        Optional.of("cosine decay_steps=10"), read.training().orElseThrow().optimizer().schedule());
    assertEquals(read, ManifestJson.decode(ManifestJson.encode(read), "p"));
    optimizer.put("schedule", " ");
    assertThrows(Corrupt.class, () -> ManifestJson.decode(SealedJson.seal(root), "p"));
    optimizer.put("schedule", 7);
    assertThrows(Corrupt.class, () -> ManifestJson.decode(SealedJson.seal(root), "p"));
  }

  /** An optimizer with another one for two variables. */
  private static OptimizerSpec optimizer() {
    SortedMap<String, OptimizerSpec> others = new TreeMap<>();
    others.put(
        "factors",
        new OptimizerSpec(
            "adam", new TreeMap<>(Map.of("l2", 0.5)), Optional.of("cosine decay_steps=9")));
    others.put("bias", new OptimizerSpec("sgd", new TreeMap<>()));
    return new OptimizerSpec("ftrl", new TreeMap<>(Map.of("alpha", 0.1))).withForVariables(others);
  }

  private static ObjectNode tree() throws Exception {
    return (ObjectNode) new JsonMapper().readTree(ManifestJson.encode(manifest()));
  }

  /** S62: each field removed in turn, the checksum made right again. */
  @Test
  void everyFieldIsNeededButTheOptionalOnes() throws Exception {
    List<List<String>> paths = new ArrayList<>();
    collect(tree(), List.of(), paths);
    assertTrue(paths.size() > 30);
    for (List<String> path : paths) {
      ObjectNode root = tree();
      String last = path.get(path.size() - 1);
      if (last.equals("crc32c") && path.size() == 1) {
        continue;
      }
      JsonNode parent = root;
      for (String step : path.subList(0, path.size() - 1)) {
        parent = parent.isArray() ? parent.get(Integer.parseInt(step)) : parent.get(step);
      }
      ((ObjectNode) parent).remove(last);
      byte[] bytes = SealedJson.seal(root);
      boolean free =
          path.size() > 1
              && Set.of("metrics", "configuration", "hyperparameters", "phaseMillis", "variables")
                  .contains(path.get(path.size() - 2));
      if (free || OPTIONAL.contains(String.join(".", path))) {
        ManifestJson.decode(bytes, "optional");
        continue;
      }
      Corrupt e = assertThrows(Corrupt.class, () -> ManifestJson.decode(bytes, "p"), "" + path);
      assertTrue(String.valueOf(e.getMessage()).contains(last), e.getMessage());
    }
  }

  private static void collect(JsonNode node, List<String> at, List<List<String>> paths) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      List<String> path = new ArrayList<>(at);
      path.add(field.getKey());
      paths.add(path);
      collect(field.getValue(), path, paths);
    }
    for (int i = 0; node.isArray() && i < node.size(); i++) {
      List<String> path = new ArrayList<>(at);
      path.add("" + i);
      collect(node.get(i), path, paths);
    }
  }

  /** S63. */
  @Test
  void versions() throws Exception {
    ObjectNode minor = tree();
    minor.put("version", "3.7");
    minor.set("later", minor.remove("crc32c"));
    minor.put("crc32c", "00000000");
    assertEquals("3.7", ManifestJson.decode(SealedJson.seal(minor), "p").formatVersion());

    assertUnsupported("4.0", "too new, expected version 3.x, found 4.0 (path=p); read it with");
    assertUnsupported("2.0", "too old, expected version 3.x, found 2.0 (path=p); train into");

    ObjectNode odd = tree();
    odd.put("version", "one");
    assertThrows(Corrupt.class, () -> ManifestJson.decode(SealedJson.seal(odd), "p"));
  }

  private void assertUnsupported(String version, String part) throws Exception {
    ObjectNode other = tree();
    other.put("version", version);
    other.remove("files"); // other versions need not have what this one has
    UnsupportedVersion e =
        assertThrows(
            UnsupportedVersion.class, () -> ManifestJson.decode(SealedJson.seal(other), "p"));
    assertTrue(e.getMessage().contains(part), e.getMessage());
  }

  @Test
  void oddValuesAreRefused() throws Exception {
    ObjectNode outside = tree();
    ((ObjectNode) outside.get("index")).put("name", "../../etc/passwd");
    assertThrows(Corrupt.class, () -> ManifestJson.decode(SealedJson.seal(outside), "p"));
    ObjectNode bytes = tree();
    ((ObjectNode) bytes.get("contents")).put("bytes", 192);
    assertThrows(Corrupt.class, () -> ManifestJson.decode(SealedJson.seal(bytes), "p"));
    ObjectNode text = tree();
    text.put("step", "1200");
    assertThrows(Corrupt.class, () -> ManifestJson.decode(SealedJson.seal(text), "p"));
    assertThrows(Corrupt.class, () -> ManifestJson.decode(new byte[0], "p"));
  }
}
