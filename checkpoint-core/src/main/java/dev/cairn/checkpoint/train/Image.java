package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.BundleWriter;
import dev.cairn.checkpoint.graph.HeldVariable;
import dev.cairn.checkpoint.graph.MutableVariable;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.graph.State;
import dev.cairn.checkpoint.graph.StringsVariable;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.graph.Variable;
import dev.cairn.checkpoint.io.SliceWriter;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** What is to be written of a program's objects. Written once. */
final class Image {
  private static final int CHUNK_BYTES = 16 << 20;

  private interface Part {
    void write(BundleWriter to) throws IOException;
  }

  private final List<Part> parts = new ArrayList<>();

  /**
   * Of all objects of a graph.
   *
   * @param copied whether values are copied now: else they are read while they are written
   * @throws IllegalArgumentException for a variable whose values are not at hand
   */
  Image(ObjectGraph graph, boolean copied) {
    List<byte[]> encoded = List.of(graph.encode());
    parts.add(to -> to.writeStrings(ObjectGraph.SPEC, encoded));
    for (Trackable object : graph.objects()) {
      if (object instanceof Variable variable) {
        add(graph.spec(variable), variable, copied);
      }
      if (object instanceof State state) {
        String key = String.valueOf(graph.states().get(state));
        VariableSpec spec = new VariableSpec(key, DType.STRING, Shape.scalar());
        List<byte[]> saved = List.of(state.save());
        parts.add(to -> to.writeStrings(spec, saved));
      }
    }
  }

  private void add(VariableSpec spec, Variable variable, boolean copied) {
    if (variable instanceof MutableVariable mutable) {
      SliceWriter.Source source = copied ? copy(spec, mutable) : mutable::get;
      parts.add(to -> to.write(spec, source));
    } else if (variable instanceof StringsVariable strings) {
      List<byte[]> elements = strings.elements();
      parts.add(to -> to.writeStrings(spec, elements));
    } else if (variable instanceof HeldVariable held) {
      ByteBuffer value = held.value();
      int start = value.position();
      int width = spec.dtype().elementBytes();
      parts.add(
          to ->
              to.write(
                  spec,
                  (first, into) ->
                      into.put(value.slice((int) (start + first * width), into.remaining()))));
    } else {
      throw new IllegalArgumentException(
          "Cannot save variable "
              + spec
              + ": its values are not at hand; expected a MutableVariable, a StringsVariable or a"
              + " HeldVariable, found "
              + variable.getClass().getName());
    }
  }

  private static SliceWriter.Source copy(VariableSpec spec, MutableVariable variable) {
    int width = spec.dtype().elementBytes();
    int perChunk = CHUNK_BYTES / width;
    long elements = spec.shape().elements();
    List<ByteBuffer> chunks = new ArrayList<>();
    for (long at = 0; at < elements; at += perChunk) {
      int count = (int) Math.min(perChunk, elements - at);
      ByteBuffer chunk = ByteBuffer.allocate(count * width).order(ByteOrder.LITTLE_ENDIAN);
      variable.get(at, chunk);
      chunks.add(chunk.rewind());
    }
    return (first, into) -> {
      long element = first;
      while (into.hasRemaining()) {
        ByteBuffer chunk = chunks.get((int) (element / perChunk));
        int from = (int) (element % perChunk) * width;
        int bytes = Math.min(into.remaining(), chunk.limit() - from);
        into.put(chunk.slice(from, bytes));
        element += bytes / width;
      }
    };
  }

  /** Writes the files of a checkpoint. */
  void write(String prefix, CheckpointOptions options) throws IOException {
    try (BundleWriter writer =
        BundleWriter.create(prefix, options.hadoopProperties(), options.shardBytes())) {
      for (Part part : parts) {
        part.write(writer);
      }
      writer.finish();
    }
  }
}
