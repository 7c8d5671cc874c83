package dev.cairn.spark.data;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;

/**
 * Serializes row chunks for Spark's shuffle: Kryo cannot fill the fields of a record, and arrays
 * are faster.
 */
final class RowChunkSerializer extends Serializer<RowChunk> {

  /** Makes a serializer; chunks hold no references to one another. */
  RowChunkSerializer() {
    super(false, true);
  }

  @Override
  public void write(Kryo kryo, Output output, RowChunk chunk) {
    output.writeVarInt(chunk.rows(), true);
    output.writeVarInt(chunk.ids().length, true);
    output.writeBoolean(chunk.values().length > 0);
    output.writeBoolean(chunk.weights().length > 0);
    output.writeBoolean(chunk.offsets().length > 0);
    output.writeLongs(chunk.hashes());
    output.writeFloats(chunk.labels());
    output.writeInts(chunk.starts(), true);
    output.writeInts(chunk.ids());
    output.writeFloats(chunk.values());
    output.writeFloats(chunk.weights());
    output.writeFloats(chunk.offsets());
  }

  @Override
  public RowChunk read(Kryo kryo, Input input, Class<RowChunk> type) {
    int rows = input.readVarInt(true);
    int entries = input.readVarInt(true);
    boolean valued = input.readBoolean();
    boolean weighted = input.readBoolean();
    boolean offset = input.readBoolean();
    return new RowChunk(
        input.readLongs(rows),
        input.readFloats(rows),
        input.readInts(rows + 1, true),
        input.readInts(entries),
        input.readFloats(valued ? entries : 0),
        input.readFloats(weighted ? rows : 0),
        input.readFloats(offset ? rows : 0));
  }
}
