package dev.cairn.checkpoint.commit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.ClassFigures;
import dev.cairn.checkpoint.model.NumberFigures;
import dev.cairn.checkpoint.model.TestFigures;
import java.util.List;
import java.util.OptionalDouble;

/** Figures of test rows as JSON; the format is in this package's description. */
final class TestFiguresJson {
  private TestFiguresJson() {}

  static void put(ObjectNode node, TestFigures figures) {
    if (figures instanceof BinaryFigures binary) {
      put(node, binary);
    } else if (figures instanceof ClassFigures classes) {
      put(node, classes);
    } else if (figures instanceof NumberFigures numbers) {
      put(node, numbers);
    }
  }

  private static void put(ObjectNode node, BinaryFigures figures) {
    node.put("rows", figures.rows()).put("positive", figures.positives());
    JsonFields.put(node, "logLoss", figures.logLoss());
    figures.auc().ifPresent(auc -> node.put("auc", auc));
    node.put("threshold", figures.threshold());
    figures.precision().ifPresent(share -> node.put("precision", share));
    figures.recall().ifPresent(share -> node.put("recall", share));
    figures.f1().ifPresent(share -> node.put("f1", share));
    ArrayNode tenths = node.putArray("calibration");
    for (BinaryFigures.Tenth tenth : figures.tenths()) {
      tenths
          .addObject()
          .put("tenth", tenth.number())
          .put("rows", tenth.rows())
          .put("positive", tenth.positives())
          .put("probabilities", tenth.probabilities())
          .put("predicted", tenth.predicted())
          .put("hits", tenth.hits());
    }
  }

  private static void put(ObjectNode node, ClassFigures figures) {
    node.put("rows", figures.rows());
    JsonFields.put(node, "loss", figures.loss());
    JsonFields.put(node, "accuracy", figures.accuracy());
    JsonFields.put(node, "f1", figures.f1());
    figures.auc().ifPresent(auc -> node.put("auc", auc));
    ArrayNode classes = node.putArray("classes");
    for (ClassFigures.OfClass one : figures.classes()) {
      classes
          .addObject()
          .put("rows", one.rows())
          .put("predicted", one.predicted())
          .put("hits", one.hits());
    }
  }

  private static void put(ObjectNode node, NumberFigures figures) {
    node.put("rows", figures.rows());
    JsonFields.put(node, "loss", figures.loss());
    JsonFields.put(node, "meanSquaredError", figures.meanSquaredError());
    JsonFields.put(node, "meanAbsoluteError", figures.meanAbsoluteError());
    figures.r2().ifPresent(r2 -> JsonFields.put(node, "r2", r2));
  }

  /** What can be derived from counts is derived again. */
  static TestFigures read(JsonFields node) throws CheckpointException {
    if (node.has("classes")) {
      return new ClassFigures(
          node.real("loss"), optional(node, "auc"), node.objects("classes", TestFiguresJson::one));
    }
    return node.has("meanSquaredError") ? numbers(node) : binary(node);
  }

  private static ClassFigures.OfClass one(JsonFields node) throws CheckpointException {
    return new ClassFigures.OfClass(
        node.number("rows"), node.number("predicted"), node.number("hits"));
  }

  private static TestFigures numbers(JsonFields node) throws CheckpointException {
    return new NumberFigures(
        node.number("rows"),
        node.real("loss"),
        node.real("meanSquaredError"),
        node.real("meanAbsoluteError"),
        optional(node, "r2"));
  }

  private static OptionalDouble optional(JsonFields node, String name) throws CheckpointException {
    return node.has(name) ? OptionalDouble.of(node.real(name)) : OptionalDouble.empty();
  }

  private static TestFigures binary(JsonFields node) throws CheckpointException {
    List<BinaryFigures.Tenth> tenths = node.objects("calibration", TestFiguresJson::tenth);
    return new BinaryFigures(
        node.real("threshold"), node.real("logLoss"), optional(node, "auc"), tenths);
  }

  private static BinaryFigures.Tenth tenth(JsonFields node) throws CheckpointException {
    return new BinaryFigures.Tenth(
        Math.toIntExact(node.number("tenth")),
        node.number("rows"),
        node.number("positive"),
        node.real("probabilities"),
        node.number("predicted"),
        node.number("hits"));
  }
}
