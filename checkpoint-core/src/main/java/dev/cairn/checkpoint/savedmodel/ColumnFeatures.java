package dev.cairn.checkpoint.savedmodel;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.RowHasher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Makes the features of columns, as {@link RowHasher} does it for one row. Not thread-safe. */
final class ColumnFeatures {
  private final Signature in;
  private final FeatureDefinition definition;

  /** The name of each column's input. */
  private final Map<String, String> names;

  /** Each column as a text, and whether the row has one. */
  private final Map<String, Tensor> texts = new HashMap<>();

  private final Map<String, Tensor> present = new HashMap<>();

  /** Matrices with a column for each feature, in the order in which features add up. */
  private final List<Tensor> places = new ArrayList<>();

  private final List<Tensor> values = new ArrayList<>();

  private ColumnFeatures(Signature in, FeatureDefinition definition) {
    this.in = in;
    this.definition = definition;
    this.names = names(definition);
  }

  /** The name of each column's input. */
  static Map<String, String> names(FeatureDefinition definition) {
    Map<String, String> names = new LinkedHashMap<>();
    Set<String> taken = new HashSet<>();
    definition.columns().forEach(column -> names.put(column, name(column, taken)));
    definition
        .offset()
        .ifPresent(offset -> names.put(offset.column(), name(offset.column(), taken)));
    return names;
  }

  /** Two columns may have one plain name; the second one then gets a number. */
  private static String name(String column, Set<String> taken) {
    String plain = Signature.argumentName(column);
    String free = plain;
    for (int i = 1; !taken.add(free); i++) {
      free = plain + "_" + i;
    }
    return free;
  }

  /** See {@link RowFeatures#ofColumns}. */
  static RowFeatures of(
      Signature in, FeatureDefinition definition, FeatureScales scales, boolean distinct) {
    ColumnFeatures made = new ColumnFeatures(in, definition);
    RowHasher hasher = new RowHasher(definition);
    hasher.texts().forEach(made::addText);
    for (int i = 0; i < hasher.numbers().size(); i++) {
      made.addNumber(hasher.numbers().get(i), hasher.id(definition.categorical().size() + i));
    }
    made.addGroups();
    Tensor all = in.concatenate(made.places, 1);
    Tensor numbers = in.concatenate(made.values, 1);
    return new SparseFeatures(
        in,
        all,
        distinct ? made.summed(all, numbers, hasher.features()) : numbers,
        scales,
        definition.offset().map(offset -> known(made.names, offset.column())));
  }

  private void addText(String column) {
    Tensor text = in.input(known(names, column), DType.STRING, Signature.FREE);
    texts.put(column, text);
    present.put(column, in.not(in.equal(text, in.constant(""))));
  }

  private void addNumber(String column, int place) {
    Tensor number;
    Tensor absent;
    Tensor text = texts.get(column);
    if (text == null) {
      Tensor given = in.input(known(names, column), DType.DOUBLE, Signature.FREE);
      absent = in.isNan(given);
      number = in.select(absent, in.constant(0.0), given);
    } else {
      absent = in.equal(text, in.constant(""));
      number = in.parse(in.select(absent, in.constant("0"), text));
    }
    Tensor id = in.select(absent, in.constant(-1L), in.constant((long) place));
    places.add(in.expand(id, 1));
    values.add(in.expand(number, 1));
  }

  /** The features of categories and crosses, all hashed at once. */
  private void addGroups() {
    List<List<String>> groups = new ArrayList<>();
    definition.categorical().forEach(column -> groups.add(List.of(column)));
    groups.addAll(definition.crosses());
    if (groups.isEmpty()) {
      return;
    }
    List<Tensor> hashed = new ArrayList<>();
    List<Tensor> there = new ArrayList<>();
    for (List<String> group : groups) {
      List<Tensor> parts = new ArrayList<>();
      parts.add(in.constant(FeatureDefinition.crossName(group) + "="));
      parts.add(known(texts, group.get(0)));
      Tensor all = known(present, group.get(0));
      for (String column : group.subList(1, group.size())) {
        parts.add(in.constant(FeatureDefinition.SEPARATOR));
        parts.add(known(texts, column));
        all = in.and(all, known(present, column));
      }
      hashed.add(in.join(parts));
      there.add(all);
    }
    Tensor known = in.stack(there, 1);
    Tensor at = HashedNames.places(in, in.stack(hashed, 1), definition.size());
    places.add(in.select(known, at, in.constant(-1L)));
    values.add(in.select(known, in.constant(1.0), in.constant(0.0)));
  }

  private static <T> T known(Map<String, T> columns, String column) {
    T found = columns.get(column);
    if (found == null) {
      throw new IllegalStateException("Cannot happen: column " + column + " is none that is known");
    }
    return found;
  }

  /** Adds up the values of one place where it comes first; its other values become 0. */
  private Tensor summed(Tensor all, Tensor numbers, int features) {
    Tensor alike = in.equal(in.expand(all, 2), in.expand(all, 1));
    Tensor sums = in.sum(in.select(alike, in.expand(numbers, 1), in.constant(0.0)), 2);
    Tensor order = in.constant(ascending(features));
    Tensor before = in.less(in.expand(order, 0), in.expand(order, 1));
    Tensor again = in.any(in.and(alike, before), 2);
    return in.select(again, in.constant(0.0), sums);
  }

  private static long[] ascending(int count) {
    long[] all = new long[count];
    for (int i = 0; i < count; i++) {
      all[i] = i;
    }
    return all;
  }
}
