package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.spark.columns.Columns;
import java.util.Optional;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructField;

/**
 * Rows with the features that a model was trained on, which may be other ones than those of a newer
 * model.
 *
 * @param rows with the column
 * @param column the name of the column of vectors
 */
record OwnFeatures(Dataset<Row> rows, String column) {

  /**
   * The rows with a model's own features: those of the column that is given, if they are made in
   * the same way; else those of another column that is; else new ones, made of the columns that its
   * definition names.
   *
   * @param given rows with the features of another model
   * @param definition of the given features, where their column does not say it
   * @throws IllegalArgumentException if there are none, and they cannot be made
   */
  static OwnFeatures of(
      CairnModel<?> model, OwnFeatures given, Optional<FeatureDefinition> definition) {
    Dataset<Row> rows = given.rows();
    StructField there = Columns.features(rows.schema(), given.column()).field();
    Optional<FeatureDefinition> known = model.state().found().definition();
    Optional<FeatureDefinition> made = FeatureEncoder.definition(there).or(() -> definition);
    if (known.isEmpty() || made.isEmpty()) {
      checkSize(model, given, there);
      return given;
    }
    FeatureDefinition wanted = known.get().rules();
    if (made.get().rules().equals(wanted)) {
      return given;
    }
    for (StructField field : rows.schema().fields()) {
      boolean own =
          field.dataType().equals(SQLDataTypes.VectorType())
              && FeatureEncoder.definition(field)
                  .map(FeatureDefinition::rules)
                  .equals(Optional.of(wanted));
      if (own) {
        return new OwnFeatures(rows, field.name());
      }
    }
    return made(model, rows, FeatureEncoder.of(known.get()));
  }

  private static OwnFeatures made(CairnModel<?> model, Dataset<Row> rows, FeatureEncoder encoder) {
    String name = Judged.unique("features");
    try {
      return new OwnFeatures(encoder.setOutputCol(name).transform(rows), name);
    } catch (Exception e) { // Scala throws checked exceptions that its signatures do not name
      throw new IllegalArgumentException(
          "Cannot judge the earlier model, whose features are made otherwise: "
              + e.getMessage()
              + " (path="
              + model.checkpoint()
              + "); keep the columns that they are made of in the held-out rows, or a column of"
              + " vectors that the model's featureEncoder made",
          e);
    }
  }

  /** Nothing but their number tells vectors apart that do not say how they were made. */
  private static void checkSize(CairnModel<?> model, OwnFeatures given, StructField there) {
    int size = AttributeGroup.fromStructField(there).size();
    if (size <= 0) {
      Row[] first =
          (Row[])
              given
                  .rows()
                  .select(Columns.features(given.rows().schema(), given.column()).column())
                  .head(1);
      size =
          first.length == 0 || first[0].isNullAt(0)
              ? model.state().features() // every row is looked at when it is judged
              : ((Vector) first[0].get(0)).size();
    }
    if (size != model.state().features()) {
      throw new IllegalArgumentException(
          "Cannot judge the earlier model: column "
              + given.column()
              + ", expected vectors of "
              + model.state().features()
              + " features, or ones made by a FeatureEncoder, found "
              + size
              + " (path="
              + model.checkpoint()
              + ")");
    }
  }
}
