package dev.cairn.checkpoint.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.RestorePlan.Want;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Plans grow as their input does (S73), and say all that is missing at once (S35). */
class RestorePlanTest {

  private static Map<String, List<StoredSlice>> stored(int variables, int slices, long[] looks) {
    Map<String, List<StoredSlice>> stored = new HashMap<>();
    for (int v = 0; v < variables; v++) {
      VariableSpec variable = new VariableSpec("v" + v, DType.FLOAT, Shape.of(slices * 4L, 2));
      List<StoredSlice> of = new ArrayList<>();
      for (int s = 0; s < slices; s++) {
        Slice slice = slices == 1 ? Slice.full(2) : Slice.rows(s * 4L, 4, 2);
        of.add(new StoredSlice(variable, slice, s % 7, (v * (long) slices + s) * 32, 32, 0));
      }
      stored.put("v" + v, counted(of, looks));
    }
    return stored;
  }

  private static List<StoredSlice> counted(List<StoredSlice> slices, long[] looks) {
    return new AbstractList<>() {
      @Override
      public StoredSlice get(int index) {
        looks[0]++;
        return slices.get(index);
      }

      @Override
      public int size() {
        return slices.size();
      }
    };
  }

  /** Looks at stored slices plus slices planned: the work, counted. */
  private static long work(int variables, int slices, int owners) throws Exception {
    long[] looks = new long[1];
    Map<String, List<StoredSlice>> stored = stored(variables, slices, looks);
    List<Want> wants = new ArrayList<>();
    for (int v = 0; v < variables; v++) {
      VariableSpec variable = new VariableSpec("v" + v, DType.FLOAT, Shape.of(slices * 4L, 2));
      for (int o = 0; o < owners; o++) {
        long from = slices * 4L * o / owners;
        long to = slices * 4L * (o + 1) / owners;
        wants.add(new Want(variable, Slice.rows(from, to - from, 2)));
      }
    }
    RestorePlan plan = RestorePlan.of(wants, stored);
    long meetings = 0;
    for (RestorePlan.FileReads file : plan.files()) {
      long last = -1;
      for (RestorePlan.SliceRead read : file.reads()) {
        assertTrue(read.slice().offset() > last);
        last = read.slice().offset();
        meetings += read.wants().size();
      }
    }
    assertEquals(variables * slices * 32L, plan.bytes());
    return looks[0] + meetings;
  }

  @Test
  void workGrowsWithTheInput() throws Exception {
    long once = work(100_000, 1, 1);
    assertTrue(work(200_000, 1, 1) <= 2.1 * once);
    long chunks = work(1, 1000, 1000);
    assertTrue(work(1, 2000, 2000) <= 2.1 * chunks);
    assertTrue(chunks < 10_000, "" + chunks);
  }

  /** 1,000 stored chunks against 1,000 wanted ones that lie across them, and twice as many. */
  @Test
  void chunksAreFoundWithoutLookingAtAll() {
    long once = looks(1000);
    long twice = looks(2000);
    assertTrue(once <= 1000 * (10 + 2 + 2), once + " looks");
    assertTrue(twice <= 2.3 * once, twice + " after " + once);
  }

  private static long looks(int chunks) {
    List<StoredSlice> slices = stored(1, chunks, new long[1]).get("v0");
    RestorePlan.SlicesByRow byRow = new RestorePlan.SlicesByRow(slices);
    long met = 0;
    for (int wanted = 0; wanted < chunks; wanted++) {
      long first = Math.max(0, wanted * 4L - 1);
      met += byRow.meeting(Slice.rows(first, 4, 2)).size();
    }
    assertEquals(2L * chunks - 1, met);
    return byRow.looks();
  }

  /** An index of somebody else's may have a hole or an overlap: TensorFlow would not notice. */
  @Test
  void holesAndOverlapsAreRefused() throws Exception {
    Map<String, List<StoredSlice>> stored = stored(1, 3, new long[1]);
    List<StoredSlice> whole = new ArrayList<>(stored.get("v0"));
    VariableSpec variable = whole.get(0).variable();
    List<StoredSlice> hole = List.of(whole.get(0), whole.get(2));
    List<StoredSlice> overlap = new ArrayList<>(whole);
    overlap.add(new StoredSlice(variable, Slice.rows(7, 1, 2), 0, 96, 8, 0));
    for (List<StoredSlice> wrong : List.of(hole, overlap)) {
      CheckpointException.Mismatch e =
          assertThrows(
              CheckpointException.Mismatch.class,
              () ->
                  RestorePlan.of(List.of(new Want(variable, Slice.full(2))), Map.of("v0", wrong)));
      assertTrue(String.valueOf(e.getMessage()).contains("stored elements of 24"), e.getMessage());
      Want besides = new Want(variable, Slice.rows(0, 4, 2));
      assertEquals(32, RestorePlan.of(List.of(besides), Map.of("v0", wrong)).bytes());
    }
  }

  @Test
  void allProblemsAtOnce() {
    Map<String, List<StoredSlice>> stored = stored(2, 3, new long[1]);
    VariableSpec other = new VariableSpec("v1", DType.FLOAT, Shape.of(13, 2));
    VariableSpec missing = new VariableSpec("none", DType.FLOAT, Shape.of(1));
    CheckpointException.Mismatch e =
        assertThrows(
            CheckpointException.Mismatch.class,
            () ->
                RestorePlan.of(
                    List.of(new Want(other, Slice.full(2)), new Want(missing, Slice.full(1))),
                    stored));
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains("none FLOAT[1] is missing"), message);
    assertTrue(message.contains("v1 FLOAT[13,2] is stored as v1 FLOAT[12,2]"), message);
  }

  /** Whoever shares a file reads each slice once, in the order of the offsets, in fair parts. */
  @Test
  void aFileIsSplitWithoutGapOrOverlap() throws Exception {
    VariableSpec variable = new VariableSpec("v", DType.FLOAT, Shape.of(4000, 2));
    List<StoredSlice> slices = new ArrayList<>();
    for (int s = 0; s < 1000; s++) {
      slices.add(new StoredSlice(variable, Slice.rows(s * 4L, 4, 2), 0, s * 32L, 32, 0));
    }
    RestorePlan.FileReads file =
        RestorePlan.of(List.of(new Want(variable, Slice.full(2))), Map.of("v", slices))
            .files()
            .get(0);
    for (int parts : new int[] {1, 2, 3, 7, 1000, 3000}) {
      List<RestorePlan.FileReads> split = file.split(parts);
      assertEquals(Math.min(parts, 1000), split.size());
      List<RestorePlan.SliceRead> all = new ArrayList<>();
      for (RestorePlan.FileReads part : split) {
        assertEquals(0, part.shard());
        assertTrue(part.bytes() <= 32 * (1000 / parts + 1), parts + " parts: " + part.bytes());
        all.addAll(part.reads());
      }
      assertEquals(file.reads(), all);
    }
  }
}
