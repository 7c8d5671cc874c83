package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Predicate;

/** Tensors whose bytes are seeded by their names, handed out in pieces of odd sizes. */
final class MemoryTensors implements TensorSource {
  private final List<VariableSpec> tensors = new ArrayList<>();
  private final Map<String, byte[]> values = new HashMap<>();
  private int pieceBytes = 48;

  /** A scalar, a vector, a matrix and two empty ones of each type that a format has. */
  static MemoryTensors ofTypes(Predicate<DType> has) {
    MemoryTensors all = new MemoryTensors();
    for (DType type : DType.values()) {
      if (type.elementBytes() > 0 && has.test(type)) {
        String name = type.name().toLowerCase(java.util.Locale.ROOT);
        all.with(name + "/scalar", type)
            .with(name + "/vector", type, 5)
            .with(name + "/matrix", type, 3, 7)
            .with(name + "/cube", type, 2, 1, 3)
            .with(name + "/no rows", type, 0, 3)
            .with(name + "/no columns", type, 3, 0);
      }
    }
    return all;
  }

  MemoryTensors inPieces(int bytes) {
    pieceBytes = bytes;
    return this;
  }

  MemoryTensors with(String name, DType type, long... dims) {
    VariableSpec tensor = new VariableSpec(name, type, Shape.of(dims));
    byte[] bytes = new byte[(int) TensorWrites.bytes(tensor)];
    new Random(name.hashCode()).nextBytes(bytes);
    if (type == DType.BOOL) {
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] &= 1;
      }
    }
    tensors.add(tensor);
    values.put(name, bytes);
    return this;
  }

  byte[] value(String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  @Override
  public String path() {
    return "memory";
  }

  @Override
  public List<VariableSpec> tensors() {
    return tensors;
  }

  @Override
  public void read(VariableSpec tensor, Pieces into) throws IOException {
    byte[] bytes = value(tensor.key());
    for (int at = 0; at < bytes.length; at += pieceBytes) {
      int count = Math.min(pieceBytes, bytes.length - at);
      into.take(ByteBuffer.wrap(bytes.clone(), at, count).order(ByteOrder.LITTLE_ENDIAN));
    }
  }

  /** All of a source: each tensor's bytes. */
  static Map<VariableSpec, byte[]> read(TensorSource source) throws IOException {
    Map<VariableSpec, byte[]> all = new LinkedHashMap<>();
    for (VariableSpec tensor : source.tensors()) {
      byte[] bytes = new byte[(int) TensorWrites.bytes(tensor)];
      ByteBuffer into = ByteBuffer.wrap(bytes);
      source.read(tensor, into::put);
      if (into.hasRemaining()) {
        throw new AssertionError(tensor + ": " + into.remaining() + " bytes missing");
      }
      all.put(tensor, bytes);
    }
    return all;
  }

  @Override
  public void close() {}
}
