package dev.cairn.spark.columns;

import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Derived;
import dev.cairn.checkpoint.model.FeatureDefinition.Label;
import dev.cairn.checkpoint.model.FeatureDefinition.Nulls;
import dev.cairn.checkpoint.model.FeatureDefinition.Offset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;

/**
 * A feature definition as metadata of the column of vectors: so it reaches the estimator, and the
 * manifest, through filters, splits and pipelines. A stage that changes the vectors makes a new
 * column, without it.
 */
public final class FeatureMetadata {
  private static final String KEY = "cairn_features";

  private FeatureMetadata() {}

  /** Makes the metadata, with the size where MLlib's estimators look for it. */
  public static Metadata of(FeatureDefinition features, String column) {
    MetadataBuilder made =
        new MetadataBuilder()
            .putStringArray("derived", texts(features.derived(), Derived::name))
            .putStringArray("sql", texts(features.derived(), Derived::sql))
            .putStringArray("categorical", features.categorical().toArray(String[]::new))
            .putStringArray("numeric", features.numeric().toArray(String[]::new))
            .putStringArray("crosses", texts(features.crosses(), FeatureDefinition::crossName))
            .putStringArray("derivedTypes", texts(features.derived(), FeatureMetadata::type))
            .putStringArray("typed", features.types().keySet().toArray(String[]::new))
            .putStringArray(
                "types", texts(List.copyOf(features.types().values()), ColumnType::name))
            .putLong("size", features.size())
            .putString("nulls", features.nulls().name());
    features
        .label()
        .ifPresent(
            label -> {
              made.putString("label", label.sql());
              label.positive().ifPresent(value -> made.putString("positive", value));
            });
    features.offset().ifPresent(offset -> made.putString("offset", offset.sql()));
    return new MetadataBuilder()
        .withMetadata(new AttributeGroup(column, features.size()).toMetadata())
        .putMetadata(KEY, made.build())
        .build();
  }

  /** The name of a derived column's type; empty where that is not known. */
  private static String type(Derived column) {
    return column.type().map(ColumnType::name).orElse("");
  }

  private static <T> String[] texts(List<T> list, Function<? super T, String> text) {
    return list.stream().map(text).toArray(String[]::new);
  }

  /** The definition in a column's metadata; empty if its vectors were made elsewhere. */
  public static Optional<FeatureDefinition> read(StructField column) {
    if (!column.metadata().contains(KEY)) {
      return Optional.empty();
    }
    Metadata made = column.metadata().getMetadata(KEY);
    String[] names = made.getStringArray("derived");
    String[] sql = made.getStringArray("sql");
    String[] types = made.getStringArray("derivedTypes");
    List<Derived> derived = new ArrayList<>();
    for (int i = 0; i < names.length; i++) {
      derived.add(
          new Derived(
              names[i],
              sql[i],
              types[i].isEmpty() ? Optional.empty() : Optional.of(new ColumnType(types[i]))));
    }
    return Optional.of(
        new FeatureDefinition(
            derived,
            List.of(made.getStringArray("categorical")),
            List.of(made.getStringArray("numeric")),
            crosses(made.getStringArray("crosses")),
            Math.toIntExact(made.getLong("size")),
            text(made, "label").map(label -> new Label(label, text(made, "positive"))),
            Nulls.valueOf(made.getString("nulls")),
            types(made),
            text(made, "offset").map(Offset::new)));
  }

  private static SortedMap<String, ColumnType> types(Metadata made) {
    String[] names = made.getStringArray("typed");
    String[] types = made.getStringArray("types");
    SortedMap<String, ColumnType> map = new TreeMap<>();
    for (int i = 0; i < names.length; i++) {
      map.put(names[i], new ColumnType(types[i]));
    }
    return map;
  }

  private static Optional<String> text(Metadata made, String key) {
    return made.contains(key) ? Optional.of(made.getString(key)) : Optional.empty();
  }

  /** The columns of crosses written as {@code a*b}. */
  public static List<List<String>> crosses(String[] written) {
    return Arrays.stream(written).map(cross -> List.of(cross.split("\\*", -1))).toList();
  }
}
