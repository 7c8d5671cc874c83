package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.CheckpointOptions;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.ShardWriter;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.ShardReport;
import dev.cairn.checkpoint.model.ShardTarget;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.spark.shard.FrozenShard;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterShard;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** Shards in Cairn's checkpoints: every block is a slice of its own. */
final class CheckpointShardStorage implements ShardStorage {

  @Override
  public ShardReport write(
      FrozenShard frozen, long step, ShardTarget target, SortedMap<String, String> hadoopProperties)
      throws IOException {
    CheckpointOptions options = CheckpointOptions.defaults().withHadoopProperties(hadoopProperties);
    try (ShardWriter writer = ShardWriter.create(target, options)) {
      if (target.shard() == 0) {
        writer.write(
            CheckpointKeys.GLOBAL_STEP,
            Slice.full(0),
            ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, step));
      }
      frozen.drain(
          block ->
              writer.write(
                  CheckpointKeys.spec(block.variable(), block.slot()),
                  CheckpointKeys.slice(block.variable(), block.firstRow(), block.rows()),
                  block.values(),
                  0,
                  block.rows() * block.variable().width()));
      return writer.finish();
    } catch (IllegalStateException e) {
      // The frozen shard was released: the save was given up while this wrote.
      throw new CheckpointException.Failed("Cannot write a shard: the save was given up", e);
    }
  }

  @Override
  public long restore(ParameterShard shard, String path, SortedMap<String, String> hadoopProperties)
      throws IOException {
    CheckpointOptions options = CheckpointOptions.defaults().withHadoopProperties(hadoopProperties);
    try (CheckpointReader reader = CheckpointReader.open(path, options)) {
      check(shard, reader.variables(), path);
      ParameterLayout layout = shard.layout();
      for (int b = shard.firstBlock(); b < shard.endBlock(); b++) {
        ParameterLayout.Block block = layout.block(b);
        load(shard, block, Optional.empty(), reader);
      }
      for (String slot : shard.optimizer().slots()) {
        for (int b = shard.firstBlock(); b < shard.endBlock(); b++) {
          load(shard, layout.block(b), Optional.of(slot), reader);
        }
      }
      return reader.bytesRead();
    }
  }

  private static void load(
      ParameterShard shard,
      ParameterLayout.Block block,
      Optional<String> slot,
      CheckpointReader reader)
      throws IOException {
    float[] values = new float[block.elements()];
    if (values.length > 0) {
      String key = CheckpointKeys.spec(block.variable(), slot).key();
      reader.readRows(key, block.firstRow(), block.rows(), values, 0);
    }
    shard.loadBlock(block.index(), slot, values);
  }

  /** All that does not fit is told at once, and before any value is read (S35). */
  private static void check(ParameterShard shard, List<VariableSpec> stored, String path)
      throws CheckpointException.Mismatch {
    Map<String, VariableSpec> byKey = new HashMap<>();
    stored.forEach(spec -> byKey.put(spec.key(), spec));
    List<String> wrong = new ArrayList<>();
    for (ParameterVariable variable : shard.layout().variables()) {
      compare(CheckpointKeys.spec(variable, Optional.empty()), byKey, wrong);
      for (String slot : shard.optimizer().slots()) {
        compare(CheckpointKeys.spec(variable, Optional.of(slot)), byKey, wrong);
      }
    }
    for (String key : byKey.keySet()) {
      if (!key.equals(CheckpointKeys.GLOBAL_STEP.key()) && !key.startsWith("_CHECKPOINTABLE")) {
        wrong.add(key + " is stored but not part of the model");
      }
    }
    if (!wrong.isEmpty()) {
      throw new CheckpointException.Mismatch(
          "Cannot restore the model: the checkpoint is of another one: "
              + String.join("; ", wrong)
              + " (path="
              + path
              + ")");
    }
  }

  private static void compare(
      VariableSpec wanted, Map<String, VariableSpec> stored, List<String> wrong) {
    VariableSpec found = stored.remove(wanted.key());
    if (found == null) {
      wrong.add(wanted.key() + " is missing");
    } else if (!found.equals(wanted)) {
      wrong.add("expected " + wanted + ", found " + found);
    }
  }
}
