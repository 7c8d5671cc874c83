package dev.cairn.spark.serving;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.RowHasher;
import java.util.LinkedHashSet;
import java.util.Set;

/** What {@code serving_default} takes of columns. Stateless. */
final class ServedColumns {
  private ServedColumns() {}

  /** The columns that come in as texts; all others, and the offset, come in as numbers. */
  static Set<String> texts(FeatureDefinition definition) {
    return new LinkedHashSet<>(new RowHasher(definition).texts());
  }
}
