package dev.cairn.spark.ml;

import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The column parameters that the estimator and its model share, under the names that MLlib's
 * classifiers give them.
 *
 * <p>MLlib's {@code Has...} traits cannot be mixed in from Java and its parameters are found as
 * public methods, so each owner exposes these fields by methods of the same names.
 */
final class ColumnParams {
  final Param<String> featuresCol;
  final Param<String> labelCol;
  final Param<String> predictionCol;
  final Param<String> rawPredictionCol;
  final Param<String> probabilityCol;
  final DoubleParam threshold;
  private final Params owner;

  ColumnParams(Params owner) {
    this.owner = owner;
    featuresCol = new Param<>(owner, "featuresCol", "column of feature vectors");
    labelCol = new Param<>(owner, "labelCol", "column of labels, 0 or 1");
    predictionCol = new Param<>(owner, "predictionCol", "column for the predicted label");
    rawPredictionCol =
        new Param<>(owner, "rawPredictionCol", "column for the margins (vector of -m and m)");
    probabilityCol =
        new Param<>(owner, "probabilityCol", "column for the probabilities of label 0 and 1");
    threshold =
        new DoubleParam(owner, "threshold", "probability of label 1 above which 1 is predicted");
  }

  void setDefaults() {
    owner.setDefault(featuresCol, "features");
    owner.setDefault(labelCol, "label");
    owner.setDefault(predictionCol, "prediction");
    owner.setDefault(rawPredictionCol, "rawPrediction");
    owner.setDefault(probabilityCol, "probability");
    owner.setDefault(threshold, 0.5);
  }

  String features() {
    return owner.getOrDefault(featuresCol);
  }

  String label() {
    return owner.getOrDefault(labelCol);
  }

  /** Checks the input columns and adds the output columns. */
  StructType transformSchema(StructType schema, boolean withLabel) {
    StructField features = field(schema, features());
    if (!features.dataType().equals(SQLDataTypes.VectorType())) {
      throw wrongType(features, "a vector (org.apache.spark.ml.linalg.Vector)");
    }
    if (withLabel) {
      StructField label = field(schema, label());
      if (!(label.dataType() instanceof NumericType)
          && !label.dataType().equals(DataTypes.BooleanType)) {
        throw wrongType(label, "a number or boolean");
      }
    }
    return withOutputs(schema);
  }

  /** The schema with the three output columns at its end, in the order raw, probability, label. */
  StructType withOutputs(StructType schema) {
    for (Param<String> output :
        java.util.List.of(rawPredictionCol, probabilityCol, predictionCol)) {
      String name = owner.getOrDefault(output);
      if (java.util.Arrays.asList(schema.fieldNames()).contains(name)) {
        throw new IllegalArgumentException(
            "Cannot add output column "
                + name
                + ": the input has one of this name; drop it or set "
                + output.name());
      }
    }
    return schema
        .add(owner.getOrDefault(rawPredictionCol), SQLDataTypes.VectorType(), false)
        .add(owner.getOrDefault(probabilityCol), SQLDataTypes.VectorType(), false)
        .add(owner.getOrDefault(predictionCol), DataTypes.DoubleType, false);
  }

  private static StructField field(StructType schema, String name) {
    if (!java.util.Arrays.asList(schema.fieldNames()).contains(name)) {
      throw new IllegalArgumentException(
          "Cannot find column "
              + name
              + ": expected one of "
              + String.join(", ", schema.fieldNames()));
    }
    return schema.apply(name);
  }

  private static IllegalArgumentException wrongType(StructField field, String expected) {
    return new IllegalArgumentException(
        "Cannot use column "
            + field.name()
            + ": expected "
            + expected
            + ", found "
            + field.dataType().catalogString());
  }
}
