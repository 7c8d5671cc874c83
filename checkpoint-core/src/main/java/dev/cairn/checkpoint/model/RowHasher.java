package dev.cairn.checkpoint.model;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Makes the features of one row after another, by a {@link FeatureDefinition}: the same ids and
 * values as Spark MLlib's {@code FeatureHasher} makes of the same names, bit for bit.
 *
 * <p>An id is MurmurHash3_x86_32 (Austin Appleby's, seed 42) of the feature's name in UTF-8, modulo
 * the size, not negative. Values that fall into one place are added in the order numeric,
 * categorical, crosses; of three numbers or more in one place MLlib alone knows the order, and the
 * last bit of their sum may differ. To use it, set each column of {@link #texts} and {@link
 * #numbers}, call {@link #hash}, and read {@link #ids}, {@link #values} and {@link #count}. Its
 * buffers are used again for the next row. Not thread-safe.
 */
public final class RowHasher {
  private static final int SEED = 42;

  private final int size;
  private final List<String> textNames;
  private final List<String> numberNames;
  private final byte[][] categorical;
  private final int[] numeric;
  private final byte[][] crossed;
  private final int[][] crossParts;
  private final @Nullable String[] texts;
  private final double[] numbers;
  private final boolean[] present;
  private byte[] bytes = new byte[64];
  private int length;
  private final long[] keys;
  private final double[] found;
  private final int[] ids;
  private final double[] values;
  private int count;

  /** A hasher with buffers of its own. */
  public RowHasher(FeatureDefinition definition) {
    size = definition.size();
    Set<String> names = new LinkedHashSet<>(definition.categorical());
    definition.crosses().forEach(names::addAll);
    textNames = List.copyOf(names);
    numberNames = definition.numeric();
    categorical = definition.categorical().stream().map(RowHasher::start).toArray(byte[][]::new);
    numeric = numberNames.stream().mapToInt(name -> place(utf8(name), utf8(name).length)).toArray();
    List<List<String>> crosses = definition.crosses();
    crossed =
        crosses.stream()
            .map(cross -> start(FeatureDefinition.crossName(cross)))
            .toArray(byte[][]::new);
    List<String> order = new ArrayList<>(names);
    crossParts =
        crosses.stream()
            .map(cross -> cross.stream().mapToInt(order::indexOf).toArray())
            .toArray(int[][]::new);
    texts = new String[textNames.size()];
    numbers = new double[numberNames.size()];
    present = new boolean[numbers.length];
    int most = categorical.length + numeric.length + crossed.length;
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

  /** Sets the text of a column of {@link #texts}, by its place there; null for an absent one. */
  public void text(int column, @Nullable String value) {
    texts[column] = value;
  }

  /** Sets the number of a column of {@link #numbers}, by its place there. */
  public void number(int column, double value) {
    numbers[column] = value;
    present[column] = true;
  }

  /** Says that a column of {@link #numbers} is null. */
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
    for (int i = 0; i < categorical.length; i++) {
      String text = texts[i];
      if (text != null) {
        begin(categorical[i]);
        append(text);
        add(place(bytes, length), 1.0);
      }
    }
    for (int i = 0; i < crossed.length; i++) {
      if (cross(i)) {
        add(place(bytes, length), 1.0);
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

  /** How many features the row has. */
  public int count() {
    return count;
  }

  /** How many names of features a row can have: what {@link #name} takes. */
  public int features() {
    return categorical.length + numeric.length + crossed.length;
  }

  /**
   * The name of a feature of the columns as they are set now, as a person reads it: {@code
   * origin=JFK*hour=18} for a cross; null if the row has no such feature.
   *
   * @param feature 0 to {@link #features}: in the order categorical, numeric, crosses
   */
  public @Nullable String name(int feature) {
    if (feature < categorical.length) {
      String text = texts[feature];
      return text == null ? null : textNames.get(feature) + "=" + text;
    }
    int number = feature - categorical.length;
    if (number < numeric.length) {
      return present[number] ? numberNames.get(number) : null;
    }
    StringBuilder name = new StringBuilder();
    for (int part : crossParts[number - numeric.length]) {
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
    if (feature < categorical.length) {
      begin(categorical[feature]);
      append(String.valueOf(texts[feature]));
      return place(bytes, length);
    }
    int number = feature - categorical.length;
    if (number < numeric.length) {
      return numeric[number];
    }
    var unused = cross(number - numeric.length);
    return place(bytes, length);
  }

  /** Puts the name of a cross into the bytes; false if a part is absent. */
  private boolean cross(int cross) {
    begin(crossed[cross]);
    int[] parts = crossParts[cross];
    for (int k = 0; k < parts.length; k++) {
      String text = texts[parts[k]];
      if (text == null) {
        return false;
      }
      if (k > 0) {
        append(FeatureDefinition.SEPARATOR);
      }
      append(text);
    }
    return true;
  }

  private void add(int id, double value) {
    keys[count] = ((long) id << Integer.SIZE) | count;
    found[count++] = value;
  }

  /** Sorts by id, in the order of their coming where ids are equal, and adds those up. */
  private void sumEqualIds() {
    Arrays.sort(keys, 0, count);
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

  private void begin(byte[] start) {
    room(start.length);
    System.arraycopy(start, 0, bytes, 0, start.length);
    length = start.length;
  }

  private void append(String text) {
    int chars = text.length();
    room(length + chars);
    for (int i = 0; i < chars; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        byte[] encoded = utf8(text);
        room(length + encoded.length);
        System.arraycopy(encoded, 0, bytes, length, encoded.length);
        length += encoded.length;
        return;
      }
      bytes[length + i] = (byte) c;
    }
    length += chars;
  }

  private void room(int wanted) {
    if (bytes.length < wanted) {
      bytes = Arrays.copyOf(bytes, wanted + wanted / 2);
    }
  }

  private static byte[] start(String name) {
    return utf8(name + "=");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private int place(byte[] name, int bytesOfName) {
    return Math.floorMod(murmur3(name, bytesOfName), size);
  }

  /** MurmurHash3_x86_32 of the first bytes. */
  private static int murmur3(byte[] data, int length) {
    int hash = SEED;
    int blocks = length & ~3;
    for (int i = 0; i < blocks; i += 4) {
      int block =
          (data[i] & 0xff)
              | ((data[i + 1] & 0xff) << 8)
              | ((data[i + 2] & 0xff) << 16)
              | (data[i + 3] << 24);
      hash = Integer.rotateLeft(hash ^ scrambled(block), 13) * 5 + 0xe6546b64;
    }
    int tail = 0;
    for (int i = length - 1; i >= blocks; i--) {
      tail = (tail << 8) | (data[i] & 0xff);
    }
    hash = hash ^ scrambled(tail) ^ length;
    hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
    return hash ^ (hash >>> 16);
  }

  private static int scrambled(int block) {
    return Integer.rotateLeft(block * 0xcc9e2d51, 15) * 0x1b873593;
  }
}
