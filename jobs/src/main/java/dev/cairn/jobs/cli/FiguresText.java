package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.model.BinaryFigures;
import dev.cairn.checkpoint.model.ClassFigures;
import dev.cairn.checkpoint.model.NumberFigures;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.show.Units;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.StringJoiner;

/** The figures of test rows as people read them. */
final class FiguresText {
  private FiguresText() {}

  /** The main figures by name, the best known first. */
  static Map<String, String> main(TestFigures figures) {
    Map<String, String> all = new LinkedHashMap<>();
    if (figures instanceof BinaryFigures binary) {
      all.put("log loss", decimals(binary.logLoss()));
      all.put("AUC", decimals(binary.auc()));
    } else if (figures instanceof ClassFigures classes) {
      all.put("loss", decimals(classes.loss()));
      all.put("accuracy", decimals(classes.accuracy()));
      all.put("F1", decimals(classes.f1()));
      classes.auc().ifPresent(auc -> all.put("AUC", decimals(auc)));
    } else if (figures instanceof NumberFigures numbers) {
      all.put("loss", decimals(numbers.loss()));
      all.put("RMSE", decimals(numbers.rootMeanSquaredError()));
      all.put("MAE", decimals(numbers.meanAbsoluteError()));
      all.put("R2", decimals(numbers.r2()));
    }
    return all;
  }

  /** All figures in one line. */
  static String line(TestFigures figures) {
    StringJoiner line = new StringJoiner(", ", Units.count(figures.rows()) + ": ", "");
    main(figures).forEach((name, value) -> line.add(name + " " + value));
    if (figures instanceof BinaryFigures binary) {
      return line
          + Text.format(
              "; at %s precision %s, recall %s, F1 %s",
              binary.threshold(),
              decimals(binary.precision()),
              decimals(binary.recall()),
              decimals(binary.f1()));
    }
    return line.toString();
  }

  /** A figure with four decimals. */
  static String decimals(double figure) {
    return Text.format("%.4f", figure);
  }

  /** A figure that may not be there. */
  static String decimals(OptionalDouble figure) {
    return figure.isPresent() ? decimals(figure.getAsDouble()) : "not defined";
  }
}
