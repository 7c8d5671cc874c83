package dev.cairn.spark.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import scala.Tuple2;

/** A row's partition and its place there are functions of the data and the seed alone (I5). */
class RowPlacementTest {
  private record Row(double label, double weight, double offset, int[] ids, double[] values) {
    Row(double label, int[] ids, double[] values) {
      this(label, 1, ids, values);
    }

    Row(double label, double weight, int[] ids, double[] values) {
      this(label, weight, 0, ids, values);
    }
  }

  private static List<Row> rows(int count, long seed) {
    Random random = new Random(seed);
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] ids = random.ints(random.nextInt(6), 0, 40).distinct().sorted().toArray();
      double[] values = new double[ids.length];
      for (int k = 0; k < ids.length; k++) {
        values[k] = random.nextBoolean() ? 1 : random.nextInt(3);
      }
      rows.add(new Row(random.nextInt(2), ids, values));
    }
    return rows;
  }

  private static Map<Integer, RowChunk> route(List<List<Row>> splits, int partitions) {
    Map<Integer, List<RowChunk>> arrived = new TreeMap<>();
    for (List<Row> split : splits) {
      var rows = split.iterator();
      RowRouter router =
          new RowRouter(
              LabelKind.BINARY,
              40,
              partitions,
              sink -> {
                if (!rows.hasNext()) {
                  return false;
                }
                Row row = rows.next();
                int count = row.ids.length;
                sink.add(row.label, row.weight, row.offset, row.ids, row.values, count);
                return true;
              });
      while (router.hasNext()) {
        Tuple2<Integer, RowChunk> chunk = router.next();
        arrived.computeIfAbsent(chunk._1, p -> new ArrayList<>()).add(chunk._2);
      }
    }
    Map<Integer, RowChunk> joined = new TreeMap<>();
    arrived.forEach((p, chunks) -> joined.put(p, RowChunk.concat(chunks)));
    return joined;
  }

  private static List<String> ordered(RowChunk rows, long seed) {
    List<String> text = new ArrayList<>();
    for (int row : RowOrder.of(rows, seed)) {
      StringBuilder line = new StringBuilder().append(rows.labels()[row]);
      for (int k = rows.starts()[row]; k < rows.starts()[row + 1]; k++) {
        line.append(' ').append(rows.ids()[k]).append(':').append(rows.value(k));
      }
      text.add(line.toString());
    }
    return text;
  }

  @Test
  void orderDependsOnNothingButContentAndSeed() {
    List<Row> rows = rows(5000, 1);
    Map<Integer, RowChunk> one = route(List.of(rows), 4);
    List<Row> shuffled = new ArrayList<>(rows);
    Collections.shuffle(shuffled, new Random(2));
    Map<Integer, RowChunk> many =
        route(
            List.of(
                shuffled.subList(0, 17), shuffled.subList(17, 3000), shuffled.subList(3000, 5000)),
            4);
    assertEquals(one.keySet(), many.keySet());
    for (int p : one.keySet()) {
      assertEquals(ordered(one.get(p), 7), ordered(many.get(p), 7));
      assertTrue(!ordered(one.get(p), 7).equals(ordered(one.get(p), 8)), "the seed shuffles");
    }
  }

  @Test
  void everyRowIsPlacedExactlyOnce() {
    Map<Integer, RowChunk> routed = route(List.of(rows(3000, 3)), 5);
    int total = 0;
    for (RowChunk chunk : routed.values()) {
      int[] order = RowOrder.of(chunk, 1);
      int[] sorted = order.clone();
      java.util.Arrays.sort(sorted);
      for (int i = 0; i < sorted.length; i++) {
        assertEquals(i, sorted[i]);
      }
      total += order.length;
    }
    assertEquals(3000, total);
  }

  @Test
  void identicalRowsAreSpreadOut() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      rows.add(new Row(1, new int[] {3}, new double[] {1}));
      rows.add(new Row(0, new int[] {4}, new double[] {1}));
    }
    List<String> order = ordered(route(List.of(rows), 1).get(0), 5);
    long changes =
        java.util.stream.IntStream.range(1, order.size())
            .filter(i -> !order.get(i).equals(order.get(i - 1)))
            .count();
    assertTrue(changes > 800, "a shuffle changes kind about every second row, found " + changes);
  }

  @Test
  void storedZerosAndOnesDoNotMatter() {
    Row sparse = new Row(1, new int[] {2, 9}, new double[] {1, 1});
    Row stored = new Row(1, new int[] {2, 5, 9}, new double[] {1, 0, 1});
    RowChunk a = route(List.of(List.of(sparse)), 1).get(0);
    RowChunk b = route(List.of(List.of(stored)), 1).get(0);
    assertEquals(a, b);
    assertEquals(0, a.values().length);
    Row valued = new Row(1, new int[] {2, 9}, new double[] {1, 2});
    RowChunk mixed = route(List.of(List.of(valued, sparse)), 1).get(0);
    assertTrue(
        mixed.hashes()[0] == a.hashes()[0] || mixed.hashes()[1] == a.hashes()[0],
        "a row of ones hashes the same in a chunk with values");
  }

  /** A weight of 1 leaves hashes, and so fingerprints, as they were before there were weights. */
  @Test
  void weightsTravelWhereTheyAreNotOne() {
    Row one = new Row(1, new int[] {2}, new double[] {1});
    Row heavy = new Row(1, 2.5, new int[] {2}, new double[] {1});
    Row none = new Row(1, 0, new int[] {3}, new double[] {1});
    RowChunk plain = route(List.of(List.of(one, none)), 1).get(0);
    assertEquals(1, plain.rows(), "a row of weight 0 is as if it were not there");
    assertEquals(0, plain.weights().length);
    assertEquals(RowHash.of(1, 1f, 0f, new int[] {2}, null, 0, 1), plain.hashes()[0]);
    assertEquals(0xa75724c91bc1a607L, plain.hashes()[0]);
    RowChunk mixed = route(List.of(List.of(one), List.of(heavy, one)), 1).get(0);
    assertArrayEquals(new float[] {1, 2.5f, 1}, mixed.weights());
    assertEquals(mixed.hashes()[0], mixed.hashes()[2]);
    assertTrue(mixed.hashes()[0] != mixed.hashes()[1]);
    assertTrue(mixed.compare(0, 1) != 0);
  }

  /** An offset of 0 leaves hashes as they were before there were offsets. */
  @Test
  void offsetsTravelWhereTheyAreNotZero() {
    Row none = new Row(1, 1, -0.0, new int[] {2}, new double[] {1});
    Row added = new Row(1, 1, 2.5, new int[] {2}, new double[] {1});
    Row heavy = new Row(1, 2.5, new int[] {2}, new double[] {1});
    RowChunk plain = route(List.of(List.of(none)), 1).get(0);
    assertEquals(0, plain.offsets().length);
    assertEquals(0xa75724c91bc1a607L, plain.hashes()[0]);
    RowChunk mixed = route(List.of(List.of(none), List.of(added, none), List.of(heavy)), 1).get(0);
    assertArrayEquals(new float[] {0, 2.5f, 0, 0}, mixed.offsets());
    assertEquals(mixed.hashes()[0], mixed.hashes()[2]);
    assertEquals(4, mixed.rows());
    assertTrue(mixed.hashes()[1] != mixed.hashes()[0]);
    assertTrue(mixed.hashes()[1] != mixed.hashes()[3], "an offset is no weight");
    assertTrue(mixed.compare(0, 1) != 0);
    assertEquals(0, mixed.compare(0, 2));
    int[] order = {3, 1, 0, 2};
    Batch batch = PackedPartition.pack(0, mixed, order, PackRules.plain(40, 1)).batch(0);
    assertArrayEquals(new float[] {0, 2.5f, 0, 0}, batch.offsets());
    PackedPartition packed = PackedPartition.pack(0, plain, new int[] {0}, PackRules.plain(40, 1));
    assertNull(packed.batch(0).offsets());
  }

  @Test
  void offsetsPassThroughTheShuffle() {
    Row added = new Row(1, 1, 2.5, new int[] {2}, new double[] {1});
    Row none = new Row(0, 1, 0, new int[] {3}, new double[] {1});
    for (List<Row> rows : List.of(List.of(added, none), List.of(none))) {
      RowChunk chunk = route(List.of(rows), 1).get(0);
      Kryo kryo = new Kryo();
      Output output = new Output(1024);
      new RowChunkSerializer().write(kryo, output, chunk);
      Input input = new Input(output.toBytes());
      assertEquals(chunk, new RowChunkSerializer().read(kryo, input, RowChunk.class));
    }
  }

  @Test
  void minusOneStandsForZero() {
    RowChunk rows = route(List.of(List.of(new Row(-1, new int[] {2}, new double[] {1}))), 1).get(0);
    Batch batch = PackedPartition.pack(0, rows, new int[] {0}, PackRules.plain(40, 1)).batch(0);
    assertEquals(0, batch.labels()[0]);
  }

  /** A user, then an item, then numbers. */
  @Test
  void spacesOfIdsHaveOneFeature() {
    InputSpec inputs =
        InputSpec.of(
            InputSpec.Space.id("user", 10),
            InputSpec.Space.sparse("words", 20),
            InputSpec.Space.id("item", 5),
            InputSpec.Space.dense("numbers", 3));
    assertEquals(38, inputs.features());
    assertEquals(30, inputs.first(2));
    assertEquals(35, inputs.end(2));
    routeOne(inputs, new int[] {9, 30}, 1, 1);
    routeOne(inputs, new int[] {0, 10, 29, 34, 35, 37}, 1, 5, 0.5, 1, -2, 3);
    assertBadSpaces(
        inputs, "space user, features 0 to 9, expected exactly one of them, with the", 30);
    assertBadSpaces(inputs, "value 1, found none", 30);
    assertBadSpaces(inputs, "space user, features 0 to 9", 2, 9, 30);
    assertBadSpaces(inputs, "found 2 of them, the first is 2", 2, 9, 30);
    assertBadSpaces(inputs, "space item, features 30 to 34", 2, 12);
    InvalidRowException e =
        assertThrows(InvalidRowException.class, () -> routeOne(inputs, new int[] {4, 31}, 1, 0.5));
    assertTrue(e.getMessage().contains("found feature 31 of value 0.5"), e.getMessage());
    e = assertThrows(InvalidRowException.class, () -> routeOne(inputs, new int[] {4, 31}, 0, 1));
    assertTrue(e.getMessage().contains("space user"), e.getMessage());
  }

  private static void assertBadSpaces(InputSpec inputs, String message, int... ids) {
    double[] ones = new double[ids.length];
    java.util.Arrays.fill(ones, 1);
    InvalidRowException e =
        assertThrows(InvalidRowException.class, () -> routeOne(inputs, ids, ones));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(e.getMessage().startsWith("Cannot train on row 1 of a split: "), e.getMessage());
    OneRow one = new OneRow(dev.cairn.checkpoint.model.FeatureScales.NONE, inputs);
    IllegalArgumentException scored =
        assertThrows(IllegalArgumentException.class, () -> one.of(ids, ones, ids.length, 0));
    assertTrue(scored.getMessage().contains(message), scored.getMessage());
  }

  private static void routeOne(InputSpec inputs, int[] ids, double... values) {
    int[] left = {1};
    RowRouter router =
        new RowRouter(
            LabelKind.NUMBER,
            inputs,
            1,
            to -> {
              if (left[0]-- == 0) {
                return false;
              }
              to.add(1, 1, ids, values, ids.length);
              return true;
            });
    assertEquals(1, router.next()._2.rows());
  }

  @Test
  void spacesThatMakeNoSenseAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> InputSpec.of());
    assertThrows(IllegalArgumentException.class, () -> InputSpec.Space.id("user", 0));
    assertThrows(IllegalArgumentException.class, () -> InputSpec.Space.dense(" ", 1));
    InputSpec.Space large = InputSpec.Space.sparse("a", Integer.MAX_VALUE - 20);
    for (InputSpec.Space other : List.of(InputSpec.Space.id("b", 5), InputSpec.Space.id("a", 1))) {
      assertThrows(IllegalArgumentException.class, () -> InputSpec.of(large, other));
    }
  }

  @Test
  void badRowsAreNamed() {
    assertBad(
        new Row(2, new int[0], new double[0]), "label, expected 0 or 1 (or -1 or 1), found 2.0");
    assertBad(new Row(Double.NaN, new int[0], new double[0]), "found NaN");
    assertBad(
        new Row(1, new int[] {1}, new double[] {Double.NaN}), "feature 1, expected a finite value");
    assertBad(new Row(1, new int[] {1}, new double[] {1e300}), "found 1.0E300");
    assertBad(new Row(1, -1, new int[0], new double[0]), "weight, expected 0 or a finite number");
    assertBad(new Row(1, Double.NaN, new int[0], new double[0]), "found NaN");
    assertBad(new Row(1, 1e39, new int[0], new double[0]), "within float32, found 1.0E39");
    assertBad(new Row(1, 1e-50, new int[0], new double[0]), "within float32, found 1.0E-50");
    for (double offset : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 1e39}) {
      assertBad(
          new Row(1, 1, offset, new int[0], new double[0]),
          "offset, expected a finite number within float32, found " + offset);
    }
    assertBad(new Row(1, new int[] {40}, new double[] {1}), "from 0 to 39");
    assertBad(new Row(1, new int[] {3, 3}, new double[] {1, 1}), "ascending");
  }

  private static void assertBad(Row row, String message) {
    var thrown = assertThrows(InvalidRowException.class, () -> route(List.of(List.of(row)), 2));
    assertTrue(thrown.getMessage().contains(message), thrown.getMessage());
  }
}
