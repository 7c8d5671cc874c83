package dev.cairn.checkpoint.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes the features of one row after another, by a {@link FeatureDefinition}: the same ids and
 * values as Spark MLlib's {@code FeatureHasher} makes of the same names, bit for bit.
 *
 * <p>An id is MurmurHash3_x86_32 (Austin Appleby's, seed 42) of the feature's name in UTF-8, modulo
 * the size, not negative. Values that fall into one place are added in the order numeric,
 * categorical, crosses; of three numbers or more in one place the order is MLlib's own, and the
 * last bit of their sum may differ. To use it, set each column of {@link #texts} and {@link
 * #numbers}, call {@link #hash}, and read {@link #ids}, {@link #values} and {@link #count}. Its
 * buffers are used again for the next row. Not thread-safe.
 */
public final class RowHasher {
  /**
   * The most features of a row that are sorted by insertion, which beats the library's sort there.
   */
  private static final int FEW = 32;

  private static final char SEPARATOR = FeatureDefinition.SEPARATOR.charAt(0);

  private final int size;

  /** The mask that makes an id of a hash where the size is a power of two; else 0. */
  private final int mask;

  private final List<String> textNames;
  private final List<String> numberNames;
  private final int[] numeric;
  private final int categories;

  /**
   * The hash of the beginning of the features' names, for each categorical column, then for each
   * cross.
   */
  private final NameHash[] starts;

  /** The columns whose texts follow that beginning. */
  private final int[][] parts;

  private final @Nullable String[] texts;

  /** The same texts, each encoded once a row, however many crosses it is in. */
  private final NameHash.Text[] encoded;

  private final double[] numbers;
  private final boolean[] present;
  private final NameHash nameHash = new NameHash();
  private final long[] keys;
  private final double[] found;
  private final int[] ids;
  private final double[] values;
  private int count;

  /** Makes a hasher with buffers of its own. */
  public RowHasher(FeatureDefinition definition) {
    size = definition.size();
    mask = Integer.bitCount(size) == 1 ? size - 1 : 0;
    Set<String> names = new LinkedHashSet<>(definition.categorical());
    definition.crosses().forEach(names::addAll);
    textNames = List.copyOf(names);
    numberNames = definition.numeric();
    numeric = numberNames.stream().mapToInt(number -> place(NameHash.of(number))).toArray();
    categories = definition.categorical().size();
    List<String> order = new ArrayList<>(names);
    List<List<String>> grouped = new ArrayList<>();
    definition.categorical().forEach(column -> grouped.add(List.of(column)));
    grouped.addAll(definition.crosses());
    starts =
        grouped.stream()
            .map(columns -> NameHash.of(FeatureDefinition.crossName(columns) + "="))
            .toArray(NameHash[]::new);
    parts =
        grouped.stream()
            .map(columns -> columns.stream().mapToInt(order::indexOf).toArray())
            .toArray(int[][]::new);
    texts = new String[textNames.size()];
    encoded = Stream.generate(NameHash.Text::new).limit(texts.length).toArray(NameHash.Text[]::new);
    numbers = new double[numberNames.size()];
    present = new boolean[numbers.length];
    int most = features();
    keys = new long[most];
    found = new double[most];
    ids = new int[most];
    values = new double[most];
  }

  /** The columns that are wanted as text: categorical ones first, then parts of crosses. */
  public List<String> texts() {
    return textNames;
  }

  /** The columns that are wanted as numbers. */
  public List<String> numbers() {
    return numberNames;
  }

  /** The places of the features of {@link #numbers}, in their order. */
  int[] numericPlaces() {
    return numeric.clone();
  }

  /** Sets the text of a column of {@link #texts}, by its place there; null for an absent one. */
  public void text(int column, @Nullable String value) {
    texts[column] = value;
    if (value != null) {
      encoded[column].set(value);
    }
  }

  /** Sets the number of a column of {@link #numbers}, by its place there. */
  public void number(int column, double value) {
    numbers[column] = value;
    present[column] = true;
  }

  /** Sets a column of {@link #numbers} to null. */
  public void noNumber(int column) {
    present[column] = false;
  }

  /** Makes the features of the columns as they are set now. */
  public void hash() {
    count = 0;
    for (int i = 0; i < numeric.length; i++) {
      if (present[i]) {
        add(numeric[i], numbers[i]);
      }
    }
    for (int i = 0; i < starts.length; i++) {
      int id = place(i);
      if (id >= 0) {
        add(id, 1.0);
      }
    }
    sumEqualIds();
  }

  /** The ids, ascending, of the first {@link #count} places. */
  public int[] ids() {
    return ids;
  }

  /** The values at the same places. */
  public double[] values() {
    return values;
  }

  /** The number of features of the row. */
  public int count() {
    return count;
  }

  /** The number of features that {@link #name} can name. */
  public int features() {
    return starts.length + numeric.length;
  }

  /**
   * The name of a feature of the columns as they are set now, as a person reads it: {@code
   * origin=JFK*hour=18} for a cross; null if the row has no such feature.
   *
   * @param feature 0 to {@link #features}: in the order categorical, numeric, crosses
   */
  public @Nullable String name(int feature) {
    int number = feature - categories;
    if (number >= 0 && number < numeric.length) {
      return present[number] ? numberNames.get(number) : null;
    }
    StringBuilder name = new StringBuilder();
    for (int part : parts[group(feature)]) {
      String text = texts[part];
      if (text == null) {
        return null;
      }
      name.append(name.length() == 0 ? "" : FeatureDefinition.CROSS)
          .append(textNames.get(part))
          .append('=')
          .append(text);
    }
    return name.toString();
  }

  /** The place of a feature that the row has, numbered as in {@link #name}. */
  public int id(int feature) {
    int number = feature - categories;
    if (number >= 0 && number < numeric.length) {
      return numeric[number];
    }
    return place(group(feature));
  }

  /**
   * The number of a feature among the categorical columns and crosses; the feature is not numeric.
   */
  private int group(int feature) {
    return feature < categories ? feature : feature - numeric.length;
  }

  /** The place of a group's feature; -1 if one of its texts is absent. */
  private int place(int group) {
    int[] columns = parts[group];
    nameHash.startWith(starts[group]);
    for (int k = 0; k < columns.length; k++) {
      if (texts[columns[k]] == null) {
        return -1;
      }
      if (k > 0) {
        nameHash.add(SEPARATOR);
      }
      nameHash.add(encoded[columns[k]]);
    }
    return place(nameHash);
  }

  private int place(NameHash of) {
    int hash = of.value();
    return mask != 0 ? hash & mask : Math.floorMod(hash, size);
  }

  private void add(int id, double value) {
    keys[count] = ((long) id << Integer.SIZE) | count;
    found[count++] = value;
  }

  /** Sorts by id, in the order of their coming where ids are equal, and adds those up. */
  private void sumEqualIds() {
    sort();
    int last = -1;
    for (int i = 0; i < count; i++) {
      int id = (int) (keys[i] >>> Integer.SIZE);
      double value = found[(int) keys[i]];
      if (last >= 0 && ids[last] == id) {
        values[last] += value;
      } else {
        last++;
        ids[last] = id;
        values[last] = value;
      }
    }
    count = last + 1;
  }

  private void sort() {
    if (count > FEW) {
      Arrays.sort(keys, 0, count);
      return;
    }
    for (int i = 1; i < count; i++) {
      long key = keys[i];
      int at = i;
      while (at > 0 && keys[at - 1] > key) {
        keys[at] = keys[at - 1];
        at--;
      }
      keys[at] = key;
    }
  }
}
