package dev.cairn.checkpoint.tensorflow;

import dev.cairn.checkpoint.bundle.BundleIndex;
import dev.cairn.checkpoint.bundle.RegionDecoder;
import dev.cairn.checkpoint.bundle.RegionPlan;
import dev.cairn.checkpoint.bundle.StringTensor;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A small bundle on the local disk, read whole. */
record BundleFiles(Path prefix, byte[] indexBytes, BundleIndex index) {

  static BundleFiles open(Path prefix) throws IOException {
    byte[] bytes = Files.readAllBytes(prefix.resolveSibling(prefix.getFileName() + ".index"));
    return new BundleFiles(prefix, bytes, BundleIndex.read(bytes, prefix.toString()));
  }

  static Path data(Path prefix, int shard, int shards) {
    return prefix.resolveSibling(
        String.format(Locale.ROOT, "%s.data-%05d-of-%05d", prefix.getFileName(), shard, shards));
  }

  /** Every variable as {@code list.py} prints it. */
  Map<String, String> lines() throws IOException {
    Map<String, String> lines = new TreeMap<>();
    for (List<StoredSlice> slices : index.slices().values()) {
      VariableSpec variable = slices.get(0).variable();
      lines.put(variable.key(), TensorFlowInterchangeTest.line(variable, hex(variable, slices)));
    }
    return lines;
  }

  private String hex(VariableSpec variable, List<StoredSlice> slices) throws IOException {
    HexFormat hex = HexFormat.of();
    if (TensorFlowInterchangeTest.isString(variable)) {
      StoredSlice only = slices.get(0);
      return StringTensor.decode(
              payload(only), variable.shape().elements(), only.crc32c(), only.describe())
          .stream()
          .map(hex::formatHex)
          .collect(Collectors.joining(","));
    }
    int size = (int) variable.shape().elements() * variable.dtype().elementBytes();
    ByteBuffer into = ByteBuffer.allocate(size);
    Slice all = Slice.full(variable.shape().rank());
    for (StoredSlice stored : RegionPlan.of(variable, slices, all, prefix.toString())) {
      RegionDecoder decoder =
          new RegionDecoder(stored, prefix.toString(), all, RegionDecoder.Target.of(into));
      decoder.accept(ByteBuffer.wrap(payload(stored)));
      decoder.finish();
    }
    return hex.formatHex(into.array());
  }

  private byte[] payload(StoredSlice slice) throws IOException {
    byte[] file = Files.readAllBytes(data(prefix, slice.shard(), index.shards()));
    return Arrays.copyOfRange(file, (int) slice.offset(), (int) slice.end());
  }
}
