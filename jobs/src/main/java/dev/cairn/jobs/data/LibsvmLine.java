package dev.cairn.jobs.data;

import java.util.Arrays;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.jspecify.annotations.Nullable;

/**
 * One line of libsvm: {@code label index:value ...}, with blanks or tabs between, indices from 1
 * and growing, and a comment after {@code #}. For one thread; each {@link #read} replaces the line
 * before.
 */
final class LibsvmLine {
  private final int features;
  private double label;
  private int[] indices = new int[16];
  private double[] values = new double[16];
  private int size;
  private @Nullable String problem;

  /**
   * Makes a reader of lines.
   *
   * @param features the largest index; 0 when that is not known yet
   */
  LibsvmLine(int features) {
    this.features = features;
  }

  /** Reads a line; returns false if there is nothing in it but blanks and a comment. */
  boolean read(String line) {
    size = 0;
    problem = null;
    int comment = line.indexOf('#');
    int end = comment < 0 ? line.length() : comment;
    int at = skip(line, 0, end);
    if (at == end) {
      return false;
    }
    int word = word(line, at, end);
    readLabel(line.substring(at, word));
    for (at = skip(line, word, end); at < end && problem == null; at = skip(line, word, end)) {
      word = word(line, at, end);
      readFeature(line.substring(at, word));
    }
    return true;
  }

  double label() {
    return label;
  }

  /** The largest index, from 1; 0 for a line without features. */
  int lastIndex() {
    return size == 0 ? 0 : indices[size - 1] + 1;
  }

  /** A vector of as many features as this reader was given. */
  Vector vector() {
    return Vectors.sparse(features, Arrays.copyOf(indices, size), Arrays.copyOf(values, size));
  }

  /** The fault of the line that was read; null for a good one. */
  @Nullable String problem() {
    return problem;
  }

  private static int skip(String line, int from, int end) {
    int at = from;
    while (at < end && line.charAt(at) <= ' ') {
      at++;
    }
    return at;
  }

  private static int word(String line, int from, int end) {
    int at = from;
    while (at < end && line.charAt(at) > ' ') {
      at++;
    }
    return at;
  }

  private void readLabel(String word) {
    if (word.indexOf(',') >= 0) {
      problem = "several labels (" + word + ") are not supported, expected one";
      return;
    }
    try {
      label = Double.parseDouble(word);
    } catch (NumberFormatException e) {
      problem = "the label " + word + " is no number";
    }
  }

  private void readFeature(String word) {
    int colon = word.indexOf(':');
    if (word.startsWith("qid:")) {
      problem = word + " names a group of a ranking, which is not supported; remove it";
      return;
    }
    try {
      int index = Integer.parseInt(word.substring(0, Math.max(colon, 0)));
      add(index, Double.parseDouble(word.substring(colon + 1)), word);
    } catch (NumberFormatException e) {
      problem = word + " is no feature, expected INDEX:NUMBER";
    }
  }

  private void add(int index, double value, String word) {
    if (index <= lastIndex()) {
      problem = word + " does not come in order, expected indices from 1 that grow";
    } else if (features > 0 && index > features) {
      problem = word + " is beyond the last feature, expected up to " + features;
    } else {
      if (size == indices.length) {
        indices = Arrays.copyOf(indices, 2 * size);
        values = Arrays.copyOf(values, 2 * size);
      }
      indices[size] = index - 1;
      values[size++] = value;
    }
  }
}
