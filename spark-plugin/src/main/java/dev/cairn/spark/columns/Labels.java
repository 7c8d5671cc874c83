package dev.cairn.spark.columns;

import dev.cairn.spark.data.LabelKind;
import org.apache.spark.ml.util.MetadataUtils;
import org.apache.spark.sql.types.StructType;
import scala.Option;

/**
 * The labels of a data set, as known before a row is read.
 *
 * @param kind the kind of the labels
 * @param classes the number of classes by the column's metadata; 0 where it has none
 */
public record Labels(LabelKind kind, int classes) {
  /**
   * The most classes that are inferred from the largest label, as in MLlib: labels above that are
   * taken for numbers.
   */
  private static final int MOST_INFERRED = 100;

  /** Labels that are numbers, whatever the column's metadata. */
  public static Labels numbers(StructType schema, String column, LabelKind kind) {
    Columns.Found unused = Columns.label(schema, column);
    return new Labels(kind, 0);
  }

  /**
   * Labels of two classes.
   *
   * @param remedy the advice where there are more
   * @throws IllegalArgumentException if there are more by the column's metadata
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

  /** Labels of any number of classes. */
  public static Labels multinomial(StructType schema, String column) {
    return new Labels(LabelKind.CLASS, classes(schema, column));
  }

  /** Labels of two classes or more: the column's metadata decides, or else the rows. */
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

  /** The number of classes for a schema. */
  public int known() {
    if (kind == LabelKind.BINARY) {
      return 2;
    }
    return classes == 0 ? OutputColumns.ANY : classes;
  }

  /**
   * The number of classes.
   *
   * @param seen one more than the largest label
   * @throws IllegalArgumentException if the column's metadata has no number, and there are too many
   *     to be classes
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
