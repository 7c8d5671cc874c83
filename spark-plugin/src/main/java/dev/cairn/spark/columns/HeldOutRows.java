package dev.cairn.spark.columns;

import dev.cairn.spark.data.InvalidRowException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * The two parts of a dataset: the rows to train on, and those that are held out to judge on. Each
 * part is read by itself, so the input is read once more.
 *
 * @param train rows whose indicator is false
 * @param heldOut rows whose indicator is true
 */
public record HeldOutRows(Dataset<Row> train, Dataset<Row> heldOut) {

  /** Checks that there is a boolean column of that name. */
  public static void check(StructType schema, String indicator) {
    Columns.Found found = Columns.find(schema, indicator);
    if (!found.field().dataType().equals(DataTypes.BooleanType)) {
      throw Columns.wrongType(found, "a boolean, true for rows that are held out");
    }
  }

  /** Divides a dataset; a row whose indicator is null ends the fit. */
  public static HeldOutRows of(Dataset<Row> all, String indicator) {
    Column held =
        functions
            .udf(new NotNull(indicator), DataTypes.BooleanType)
            .apply(Columns.find(all.schema(), indicator).column());
    return new HeldOutRows(all.filter(functions.not(held)), all.filter(held));
  }

  /** The indicator, which must not be null. */
  private record NotNull(String name) implements UDF1<@Nullable Boolean, Boolean> {
    @Override
    public Boolean call(@Nullable Boolean held) {
      if (held == null) {
        throw new InvalidRowException(
            "Cannot train: column "
                + name
                + ", expected true or false, found null; fill it or filter such rows out");
      }
      return held;
    }
  }
}
