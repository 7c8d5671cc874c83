package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.VariableSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The names that weights have in Keras's files: {@code layers/dense_1/vars/0} is the first variable
 * of the second Dense among a model's layers, {@code optimizer/vars/0} the steps that the optimizer
 * has done. A layer's variables are those that are trained and then the others, each in the order
 * in which the layer made them.
 */
public final class KerasNames {
  private static final Pattern VARIABLE = Pattern.compile("(?:.+/)?vars/[^/]+", Pattern.DOTALL);
  private static final Pattern NO_LETTER = Pattern.compile("\\W+");
  private static final Pattern WORD = Pattern.compile("(.)([A-Z][a-z]+)");
  private static final Pattern CAPITAL = Pattern.compile("([a-z])([A-Z])");
  private static final int LISTED = 10;

  private final Map<String, Integer> used = new LinkedHashMap<>();
  private final String within;

  private KerasNames(String within) {
    this.within = within;
  }

  /** Names the layers of a model, one after another in its own order. */
  public static KerasNames ofModel() {
    return new KerasNames("layers/");
  }

  /**
   * Names the layers of a model that is a layer of another.
   *
   * @param model its own name, as {@link #next} gave it
   */
  public static KerasNames ofModel(String model) {
    return new KerasNames(model + "/layers/");
  }

  /**
   * The next layer's name.
   *
   * @param type the name of its class, such as {@code Dense} or {@code BatchNormalization}
   * @return such as {@code layers/batch_normalization_1}
   */
  public String next(String type) {
    String name = snakeCase(type);
    Integer count = used.merge(name, 1, Integer::sum);
    return within + (count == 1 ? name : name + "_" + (count - 1));
  }

  /** The name of a layer's variable. */
  public static String variable(String layer, int number) {
    return layer + "/vars/" + number;
  }

  /** As Keras does it: {@code LSTMCell} becomes {@code lstm_cell}, {@code Conv2D} conv2d. */
  static String snakeCase(String type) {
    String plain = NO_LETTER.matcher(type).replaceAll("");
    String words = WORD.matcher(plain).replaceAll("$1_$2");
    return CAPITAL.matcher(words).replaceAll("$1_$2").toLowerCase(Locale.ROOT);
  }

  /** Refuses names at which Keras would not look, since it passes over them without a word. */
  static void require(TensorSource source) throws Mismatch {
    List<String> wrong = new ArrayList<>();
    for (VariableSpec tensor : source.tensors()) {
      if (!VARIABLE.matcher(tensor.key()).matches()) {
        wrong.add(tensor.key());
      }
    }
    if (!wrong.isEmpty()) {
      throw new Mismatch(
          "Cannot write weights of Keras: expected names such as layers/dense/vars/0, found "
              + String.join(", ", wrong.subList(0, Math.min(LISTED, wrong.size())))
              + (wrong.size() > LISTED ? " and " + (wrong.size() - LISTED) + " more" : "")
              + " (path="
              + source.path()
              + "); Keras would not look at them: name each as the layer's variable that it is");
    }
  }
}
