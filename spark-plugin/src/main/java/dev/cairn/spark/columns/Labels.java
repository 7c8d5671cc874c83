package dev.cairn.spark.columns;

import dev.cairn.spark.data.LabelKind;
import org.apache.spark.ml.util.MetadataUtils;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * What the labels of a data set are, before a row is read.
 *
 * @param kind of them
 * @param classes how many there are, as the column's metadata says; 0 where it says nothing
 */
public record Labels(LabelKind kind, int classes) {
  /**
   * How many classes the largest label may make, as in MLlib: more were no classes, but numbers.
   */
  private static final int MOST_INFERRED = 100;

  /** Numbers, whatever the column says. */
  public static Labels numbers(StructType schema, String column, LabelKind kind) {
    Columns.Found unused = Columns.label(schema, column);
    return new Labels(kind, 0);
  }

  /**
   * Two classes.
   *
   * @param remedy what to do where there are more
   * @throws IllegalArgumentException if the column says that there are more
   */
  public static Labels binary(StructType schema, String column, String remedy) {
    int classes = classes(schema, column);
    if (classes > 2) {
      throw new IllegalArgumentException(
          "Cannot train on label column "
              + column
              + ": expected 2 values, found "
              + classes
              + " in its metadata; "
              + remedy);
    }
    return new Labels(LabelKind.BINARY, 0);
  }

  /** Classes, as many as there are. */
  public static Labels multinomial(StructType schema, String column) {
    return new Labels(LabelKind.CLASS, classes(schema, column));
  }

  /** Two classes or more: which of them the column says, or else the rows. */
  public static Labels anyClasses(StructType schema, String column) {
    int classes = classes(schema, column);
    if (classes == 0) {
      return new Labels(LabelKind.CLASS_OR_SIGN, 0);
    }
    return classes <= 2 ? new Labels(LabelKind.BINARY, 0) : new Labels(LabelKind.CLASS, classes);
  }

  private static int classes(StructType schema, String column) {
    Option<Object> said = MetadataUtils.getNumClasses(Columns.label(schema, column).field());
    return said.isDefined() ? (Integer) said.get() : 0;
  }

  /** How many classes a schema may say there are. */
  public int known() {
    if (kind == LabelKind.BINARY) {
      return 2;
    }
    return classes == 0 ? OutputColumns.ANY : classes;
  }

  /**
   * How many classes there are.
   *
   * @param seen one more than the largest label
   * @throws IllegalArgumentException if the column does not say, and there are too many to believe
   */
  public int classes(int seen, String column) {
    if (classes == 0 && seen > MOST_INFERRED) {
      throw new IllegalArgumentException(
          "Cannot train on label column "
              + column
              + ": expected numbers of classes below "
              + MOST_INFERRED
              + ", or a column whose metadata says how many there are, found "
              + (seen - 1)
              + "; number the classes by StringIndexer");
    }
    return Math.max(2, classes == 0 ? seen : classes);
  }
}
