package dev.cairn.checkpoint.tensorflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files go both ways between this package and a real TensorFlow, with every bit (S28, S29, S62).
 */
class TensorFlowInterchangeTest {

  @TempDir Path folder;

  /** All dtypes, all sizes, all cuts, three data files, found through our state file. */
  @Test
  void tensorFlowReadsAllThatWeWrite() throws Exception {
    TensorFlowEnvironment tensorFlow = TensorFlowEnvironment.get();
    SampleBundle sample = SampleBundle.write(folder, 3);

    String[] lines = tensorFlow.run("list.py", folder).split("\n", -1);
    assertEquals(folder.resolve("ckpt-3/variables").toString(), lines[0]);
    assertEquals(sample.lines(), new TreeMap<>(byKey(lines)));
  }

  /** TensorFlow reads slices of ours that cut across the stored ones, and writes its own file. */
  @Test
  void theSameEntriesGiveTheSameIndexBytes() throws Exception {
    TensorFlowEnvironment tensorFlow = TensorFlowEnvironment.get();
    SampleBundle sample = SampleBundle.write(folder, 1);
    StringBuilder plan = new StringBuilder();
    for (VariableSpec variable : sample.variables()) {
      plan.append(variable.key()).append('\t').append(variable.dtype().number());
      for (String spec : specs(variable)) {
        plan.append('\t').append(spec);
      }
      plan.append('\n');
    }
    Path ours = folder.resolve("ckpt-1/variables");
    Path planFile = folder.resolve("plan");
    Files.writeString(planFile, plan);
    tensorFlow.run("rewrite.py", ours, planFile, folder.resolve("theirs"));

    BundleFiles theirs = BundleFiles.open(folder.resolve("theirs"));
    assertEquals(sample.lines(), theirs.lines());
    assertArrayEquals(theirs.indexBytes(), written(theirs.index()));
  }

  @Test
  void weReadWhatTensorFlowSavesInSeveralFiles() throws Exception {
    TensorFlowEnvironment tensorFlow = TensorFlowEnvironment.get();
    tensorFlow.run("save.py", folder);

    BundleFiles many = BundleFiles.open(folder.resolve("many"));
    assertTrue(many.indexBytes().length > 2 * 262_144, "several blocks");
    assertEquals(12_000, many.index().slices().size());
    assertArrayEquals(many.indexBytes(), written(many.index()));

    BundleFiles big = BundleFiles.open(folder.resolve("big"));
    assertTrue(big.index().shards() > 3, "several data files");
    assertTrue(
        big.index().slices().values().stream().anyMatch(slices -> slices.size() > 1), "slices");
    String[] lines = tensorFlow.run("list.py", "-p", folder.resolve("big")).split("\n", -1);
    assertEquals(new TreeMap<>(byKey(lines)), big.lines());
  }

  /** Whole, or in two parts that differ from the stored ones. */
  private static List<String> specs(VariableSpec variable) {
    Shape shape = variable.shape();
    if (!variable.key().contains("sliced")) {
      return List.of("");
    }
    int axis = shape.rank() - 1;
    List<String> specs = new ArrayList<>();
    long half = shape.dim(axis) / 2 + 1;
    for (long[] part : new long[][] {{0, half}, {half, shape.dim(axis) - half}}) {
      long[] starts = new long[shape.rank()];
      long[] lengths = new long[shape.rank()];
      java.util.Arrays.fill(lengths, Slice.WHOLE);
      starts[axis] = part[0];
      lengths[axis] = part[1];
      StringBuilder spec = new StringBuilder();
      for (long dim : shape.dims()) {
        spec.append(dim).append(' ');
      }
      specs.add(spec.append(Slice.of(starts, lengths)).toString());
    }
    return specs;
  }

  private static byte[] written(BundleIndex index) throws Exception {
    List<StoredSlice> all = new ArrayList<>();
    index.slices().values().forEach(all::addAll);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    BundleIndex.write(index.shards(), all, out);
    return out.toByteArray();
  }

  private static Map<String, String> byKey(String[] lines) {
    Map<String, String> byKey = new TreeMap<>();
    for (String line : List.of(lines).subList(1, lines.length)) {
      if (!line.isEmpty()) {
        byKey.put(line.substring(0, line.indexOf('\t')), line);
      }
    }
    return byKey;
  }

  /** The number that TensorFlow prints is the one that the format has. */
  static String line(VariableSpec variable, String data) {
    StringBuilder dims = new StringBuilder();
    for (long dim : variable.shape().dims()) {
      dims.append(dims.isEmpty() ? "" : ", ").append(dim);
    }
    return variable.key() + "\t" + variable.dtype().number() + "\t[" + dims + "]\t" + data;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
