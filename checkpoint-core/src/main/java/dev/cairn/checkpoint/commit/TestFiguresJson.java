package dev.cairn.checkpoint.commit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.ClassFigures;
import dev.cairn.checkpoint.model.NumberFigures;
import dev.cairn.checkpoint.model.TestFigures;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Figures of test rows as JSON; the format is in this package's description. */
final class TestFiguresJson {
  private TestFiguresJson() {}

  static void put(ObjectNode node, TestFigures figures) {
    put(node, figures.fields());
  }

  private static void put(ObjectNode node, Map<?, ?> fields) {
    fields.forEach(
        (name, value) -> {
          String field = String.valueOf(name);
          if (value instanceof List<?> list) {
            ArrayNode array = node.putArray(field);
            list.forEach(one -> put(array.addObject(), (Map<?, ?>) one));
          } else if (value instanceof Double real) {
            JsonFields.put(node, field, real);
          } else {
            node.put(field, ((Number) value).longValue());
          }
        });
  }

  /** Reads the figures; those that follow from counts are derived again. */
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
