package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.data.ScoringData;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The names of the features that share a place among the weights, and the numbers of rows that have
 * them.
 */
final class FeatureNames {
  private final FeatureDefinition definition;
  private final Map<Integer, List<ScoringData.Named>> byId = new HashMap<>();

  /**
   * Makes names of features that were found.
   *
   * @param found the features, the most frequent first
   */
  FeatureNames(FeatureDefinition definition, List<ScoringData.Named> found) {
    this.definition = definition;
    found.forEach(one -> byId.computeIfAbsent(one.id(), id -> new ArrayList<>()).add(one));
  }

  /** The features of a place, the most frequent first. */
  List<ScoringData.Named> of(int id) {
    return byId.getOrDefault(id, List.of());
  }

  /** The number of rows that have a feature of a place. */
  long rows(int id) {
    return of(id).stream().mapToLong(ScoringData.Named::rows).sum();
  }

  /** The features of a place as a person reads them. */
  String text(int id) {
    List<ScoringData.Named> named = of(id);
    return named.isEmpty()
        ? Text.format("(place %d: no row of the input has it)", id)
        : String.join(", ", named.stream().map(ScoringData.Named::name).toList());
  }

  /**
   * Whether one row may have features of both places: they must not be of one column alone, as two
   * airports are.
   */
  boolean together(int first, int second) {
    for (ScoringData.Named one : of(first)) {
      for (ScoringData.Named other : of(second)) {
        if (!column(one.name()).equals(column(other.name()))) {
          return true;
        }
      }
    }
    return false;
  }

  /** The column, or the cross of columns, that a feature is of. */
  private String column(String name) {
    for (List<String> cross : definition.crosses()) {
      boolean its = name.startsWith(cross.get(0) + "=");
      for (String part : cross.subList(1, cross.size())) {
        its &= name.contains(FeatureDefinition.CROSS + part + "=");
      }
      if (its) {
        return FeatureDefinition.crossName(cross);
      }
    }
    int equals = name.indexOf('=');
    return equals < 0 ? name : name.substring(0, equals);
  }
}
