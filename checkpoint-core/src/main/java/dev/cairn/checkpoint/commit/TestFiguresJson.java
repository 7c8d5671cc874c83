package dev.cairn.checkpoint.commit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.TestFigures;
import java.util.List;
import java.util.OptionalDouble;

/** Figures of test rows as JSON; the format is in this package's description. */
final class TestFiguresJson {
  private TestFiguresJson() {}

  static void put(ObjectNode node, TestFigures figures) {
    node.put("rows", figures.rows()).put("positive", figures.positives());
    JsonFields.put(node, "logLoss", figures.logLoss());
    figures.auc().ifPresent(auc -> node.put("auc", auc));
    node.put("threshold", figures.threshold());
    figures.precision().ifPresent(share -> node.put("precision", share));
    figures.recall().ifPresent(share -> node.put("recall", share));
    figures.f1().ifPresent(share -> node.put("f1", share));
    ArrayNode tenths = node.putArray("calibration");
    for (TestFigures.Tenth tenth : figures.tenths()) {
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

  /** What can be derived from the tenths is derived again. */
  static TestFigures read(JsonFields node) throws CheckpointException {
    List<TestFigures.Tenth> tenths = node.objects("calibration", TestFiguresJson::tenth);
    return new TestFigures(
        node.real("threshold"),
        node.real("logLoss"),
        node.has("auc") ? OptionalDouble.of(node.real("auc")) : OptionalDouble.empty(),
        tenths);
  }

  private static TestFigures.Tenth tenth(JsonFields node) throws CheckpointException {
    return new TestFigures.Tenth(
        Math.toIntExact(node.number("tenth")),
        node.number("rows"),
        node.number("positive"),
        node.real("probabilities"),
        node.number("predicted"),
        node.number("hits"));
  }
}
