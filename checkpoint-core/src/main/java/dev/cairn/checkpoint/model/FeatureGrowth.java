package dev.cairn.checkpoint.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The step from one definition of features to a larger one that holds it: more places, more
 * columns. The place of a feature is its hash modulo the number of places; so where the new number
 * is a multiple of the old one, a feature of place {@code p} comes to {@code p}, {@code p + old},
 * {@code p + 2 old}, ... . All of these begin with what place {@code p} had, so that each feature
 * keeps its weight, whichever place is its own now.
 *
 * <p>A new column's features are hashed as all others: one begins with what its place had, which is
 * nothing where no feature had come to it. Immutable, thread-safe.
 *
 * @param from the old definition
 * @param to the new one
 */
public record FeatureGrowth(FeatureDefinition from, FeatureDefinition to) {

  /**
   * What keeps the new definition from being the old one grown; empty if nothing does. Offsets are
   * no features: they do not count.
   */
  public List<String> hindrances() {
    List<String> found = new ArrayList<>();
    if (to.size() % from.size() != 0) {
      found.add(
          String.format(
              Locale.ROOT,
              "features can grow to a multiple of their number: expected one of %d, found %d",
              from.size(),
              to.size()));
    }
    lost("derived column", from.derived(), to.derived(), found);
    lost("categorical column", from.categorical(), to.categorical(), found);
    lost("cross", from.crosses(), to.crosses(), found);
    lost("type of a column", from.types().entrySet(), to.types().entrySet(), found);
    lost("numeric column", from.numeric(), to.numeric(), found);
    if (!from.label().equals(to.label())) {
      found.add("label: expected " + from.label() + ", found " + to.label());
    }
    Set<String> old = new HashSet<>(from.columns());
    old.addAll(from.types().keySet());
    for (FeatureDefinition.Derived one : to.derived()) {
      if (!from.derived().contains(one) && old.contains(one.name())) {
        found.add(
            "derived column "
                + one.name()
                + ": expected a new name, found one of the old features");
      }
    }
    return found;
  }

  private static void lost(
      String what, Collection<?> before, Collection<?> now, List<String> found) {
    List<?> lost = before.stream().filter(one -> !now.contains(one)).toList();
    if (!lost.isEmpty()) {
      found.add(
          what
              + " of the old features: expected "
              + lost.stream().map(String::valueOf).collect(Collectors.joining(", "))
              + ", found none");
    }
  }

  /**
   * The places of the numeric columns that are new, by name. Each is for the caller to look at: a
   * place that has a weight belongs to other features, which the scale of a new column would
   * change.
   */
  public SortedMap<String, Integer> newNumeric() {
    int[] places = new RowHasher(to).numericPlaces();
    SortedMap<String, Integer> found = new TreeMap<>();
    for (int i = 0; i < places.length; i++) {
      String name = to.numeric().get(i);
      if (!from.numeric().contains(name)) {
        found.put(name, places[i]);
      }
    }
    return found;
  }

  /**
   * The scales of the grown features: a place has the scale of the one that it comes of. A mean
   * goes to one of these places, since it counts once in every row: to that of the numeric column.
   * New numeric columns have the scales and means of the new data.
   */
  public FeatureScales scales(FeatureScales of, FeatureScales ofData) {
    FeatureScales grown = grown(of);
    int[] old = grown.ids();
    int[] added =
        newNumeric().values().stream()
            .mapToInt(Integer::intValue)
            .filter(id -> Arrays.binarySearch(old, id) < 0)
            .filter(id -> Arrays.binarySearch(ofData.ids(), id) >= 0)
            .toArray();
    int[] ids =
        IntStream.concat(Arrays.stream(old), Arrays.stream(added)).distinct().sorted().toArray();
    double[] scales = new double[ids.length];
    double[] means = new double[ids.length];
    for (int i = 0; i < ids.length; i++) {
      FeatureScales mine = Arrays.binarySearch(old, ids[i]) >= 0 ? grown : ofData;
      scales[i] = mine.scale(ids[i]);
      means[i] = mine.mean(ids[i]);
    }
    return new FeatureScales(ids, scales, means);
  }

  /** The scales of the places that come of others. */
  private FeatureScales grown(FeatureScales of) {
    int[] numeric = new RowHasher(to).numericPlaces();
    Arrays.sort(numeric);
    int[] old = of.ids();
    int times = to.size() / from.size();
    int[] ids = new int[Math.multiplyExact(old.length, times)];
    double[] scales = new double[ids.length];
    double[] means = new double[ids.length];
    for (int i = 0; i < old.length; i++) {
      int holder = 0;
      for (int t = times - 1; t >= 0; t--) {
        int at = t * old.length + i; // ascending, since old ids are below the old size
        ids[at] = t * from.size() + old[i];
        scales[at] = of.scale(old[i]);
        if (Arrays.binarySearch(numeric, ids[at]) >= 0) {
          holder = t;
        }
      }
      means[holder * old.length + i] = of.mean(old[i]);
    }
    return new FeatureScales(ids, scales, means);
  }
}
