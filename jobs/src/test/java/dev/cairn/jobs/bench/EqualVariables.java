package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.train.ArrayVariable;
import dev.cairn.checkpoint.train.Checkpoint;
import java.util.Locale;
import java.util.Random;
import java.util.TreeMap;

/**
 * FLOAT variables of equal size.
 *
 * @param count how many
 * @param rows of each, which are {@link #WIDTH} values long
 */
record EqualVariables(int count, int rows) {
  static final int WIDTH = 256;

  /** As large as they can be, one row at least, if all of them together have so many MiB. */
  static EqualVariables filling(int mib, int count) {
    long rows = ((long) mib << 20) / (WIDTH * Float.BYTES);
    return new EqualVariables(count, (int) Math.max(1, rows / count));
  }

  /** Of all of them. */
  long bytes() {
    return (long) count * rows * WIDTH * Float.BYTES;
  }

  /** The key under which TensorFlow finds one. */
  String key(int number) {
    return name(number) + "/.ATTRIBUTES/VARIABLE_VALUE";
  }

  private static String name(int number) {
    return String.format(Locale.ROOT, "v%05d", number);
  }

  /** A program that has them, without values yet. */
  Checkpoint empty() {
    TreeMap<String, Trackable> variables = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      variables.put(name(i), ArrayVariable.zeros(DType.FLOAT, Shape.of(rows, WIDTH)));
    }
    return new Checkpoint(variables);
  }

  /** A program that has them over arrays. */
  Checkpoint over(float[][] values) {
    TreeMap<String, Trackable> variables = new TreeMap<>();
    for (int i = 0; i < count; i++) {
      variables.put(name(i), ArrayVariable.of(values[i], rows, WIDTH));
    }
    return new Checkpoint(variables);
  }

  /** Values for all of them, the same each time. */
  float[][] values() {
    float[][] values = new float[count][rows * WIDTH];
    Random random = new Random(1);
    for (float[] one : values) {
      for (int i = 0; i < one.length; i++) {
        one[i] = random.nextFloat();
      }
    }
    return values;
  }
}
