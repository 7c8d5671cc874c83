package dev.cairn.spark.ml;

import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns that a model adds, in the order raw, probability, prediction. An empty name leaves
 * its column out.
 */
record OutputColumns(String raw, String probability, String prediction) {
  private static final int CLASSES = 2;

  boolean none() {
    return raw.isEmpty() && probability.isEmpty() && prediction.isEmpty();
  }

  /**
   * The schema with these columns at its end.
   *
   * @throws IllegalArgumentException if one of them is there already
   */
  StructType appendedTo(StructType schema) {
    StructType all = schema;
    for (StructField field :
        new StructField[] {
          vector(raw), vector(probability), number(prediction),
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

  private static StructField vector(String name) {
    StructField plain = new StructField(name, SQLDataTypes.VectorType(), false, empty());
    return name.isEmpty() ? plain : new AttributeGroup(name, CLASSES).toStructField();
  }

  private static StructField number(String name) {
    StructField plain = new StructField(name, DataTypes.DoubleType, false, empty());
    return name.isEmpty()
        ? plain
        : NominalAttribute.defaultAttr().withName(name).withNumValues(CLASSES).toStructField();
  }

  private static Metadata empty() {
    return Metadata.empty();
  }
}
