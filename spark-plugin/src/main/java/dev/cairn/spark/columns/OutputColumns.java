package dev.cairn.spark.columns;

import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.attribute.NumericAttribute;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that a model adds, in the order raw, probability, prediction. An empty name leaves
 * its column out.
 *
 * @param classes the number of classes; {@link #ANY} where that is not known, 0 where numbers are
 *     predicted
 */
public record OutputColumns(String raw, String probability, String prediction, int classes) {
  /** A number of classes that is not known before the rows are. */
  public static final int ANY = -1;

  /** The columns of a model that predicts numbers. */
  public static OutputColumns number(String prediction) {
    return new OutputColumns("", "", prediction, 0);
  }

  /** Whether there are no columns to add. */
  public boolean none() {
    return raw.isEmpty() && probability.isEmpty() && prediction.isEmpty();
  }

  /**
   * The schema with these columns at its end.
   *
   * @throws IllegalArgumentException if one of them is there already
   */
  public StructType appendedTo(StructType schema) {
    StructType all = schema;
    for (StructField field :
        new StructField[] {
          vector(raw), vector(probability), predicted(),
        }) {
      if (field.name().isEmpty()) {
        continue;
      }
      if (Columns.has(all, field.name())) {
        throw new IllegalArgumentException(
            "Cannot add output column "
                + field.name()
                + ": expected no column of this name, found one; drop it, or set rawPredictionCol,"
                + " probabilityCol or predictionCol to another name, or to \"\" to leave it out");
      }
      all = all.add(field);
    }
    return all;
  }

  private StructField vector(String name) {
    return name.isEmpty() || classes == ANY
        ? new StructField(name, SQLDataTypes.VectorType(), false, empty())
        : new AttributeGroup(name, classes).toStructField();
  }

  private StructField predicted() {
    if (prediction.isEmpty() || classes == ANY) {
      return new StructField(prediction, DataTypes.DoubleType, false, empty());
    }
    return classes == 0
        ? NumericAttribute.defaultAttr().withName(prediction).toStructField()
        : NominalAttribute.defaultAttr()
            .withName(prediction)
            .withNumValues(classes)
            .toStructField();
  }

  private static Metadata empty() {
    return Metadata.empty();
  }
}
