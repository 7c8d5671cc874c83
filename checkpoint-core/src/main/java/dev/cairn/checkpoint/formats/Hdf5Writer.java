package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes HDF5 from the first byte to the last: where everything lies is known from the tensors'
 * shapes, so that headers come first and then the tensors, one after the other. A slash in a name
 * leads into a group. What jHDF writes it holds as a whole; this holds the headers alone.
 */
final class Hdf5Writer {
  private static final int ALIGNMENT = 8;

  /** A link's message has 65,535 bytes at most. */
  private static final int MOST_NAME = 65_000;

  private abstract static sealed class Node {
    long address;
  }

  private static final class Group extends Node {
    private final SortedMap<String, Node> links = new TreeMap<>();

    byte[] header() {
      SortedMap<String, Long> addresses = new TreeMap<>();
      links.forEach((name, node) -> addresses.put(name, node.address));
      return Hdf5Objects.group(addresses);
    }
  }

  private static final class Data extends Node {
    private final VariableSpec tensor;
    private long data;

    Data(VariableSpec tensor) {
      this.tensor = tensor;
    }

    byte[] header(long heap) {
      return Hdf5Objects.dataset(tensor.dtype(), tensor.shape(), data, heap);
    }
  }

  private final TensorSource source;
  private final Group root = new Group();
  private final List<Group> groups = new ArrayList<>(List.of(root));
  private final List<Data> data = new ArrayList<>();
  private long heap;
  private long end;

  private Hdf5Writer(TensorSource source) throws Mismatch {
    this.source = source;
    for (VariableSpec tensor : source.tensors()) {
      add(tensor);
    }
    place();
  }

  static void write(TensorSource source, FileSink sink) throws IOException {
    TensorWrites.requireTypes(source, "HDF5", Hdf5Objects::has);
    new Hdf5Writer(source).write(sink);
  }

  private Mismatch refused(String name, String why) {
    return new Mismatch(
        "Cannot write HDF5: tensor "
            + name
            + ": "
            + why
            + " (path="
            + source.path()
            + "); rename the tensor");
  }

  private void add(VariableSpec tensor) throws Mismatch {
    String name = tensor.key();
    TensorWrites.requireText(name, source);
    String[] parts = name.split("/", -1);
    Group group = root;
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i];
      if (part.isEmpty()
          || part.equals(".")
          || part.indexOf('\0') >= 0
          || part.getBytes(StandardCharsets.UTF_8).length > MOST_NAME) {
        throw refused(name, "expected names between slashes that HDF5 has, found '" + part + "'");
      }
      Node there = group.links.get(part);
      boolean last = i == parts.length - 1;
      if (there instanceof Data || (last && there != null)) {
        throw refused(name, "another tensor has that name, or a part of it");
      }
      if (last) {
        Data made = new Data(tensor);
        group.links.put(part, made);
        data.add(made);
      } else if (there instanceof Group inner) {
        group = inner;
      } else {
        Group made = new Group();
        group.links.put(part, made);
        groups.add(made);
        group = made;
      }
    }
  }

  /** Lengths do not depend on addresses: first the lengths, then the addresses. */
  private void place() {
    long at = Hdf5Objects.SUPERBLOCK;
    for (Group group : groups) {
      group.address = at;
      at = aligned(at + group.header().length);
    }
    for (Data one : data) {
      one.address = at;
      at = aligned(at + one.header(0).length);
    }
    heap = at;
    if (hasHeap()) {
      at += Hdf5Objects.HEAP;
    }
    for (Data one : data) {
      one.data = at;
      at = aligned(at + TensorWrites.bytes(one.tensor));
    }
    end = at;
  }

  private boolean hasHeap() {
    return data.stream().anyMatch(one -> one.tensor.dtype() == DType.BFLOAT16);
  }

  private static long aligned(long address) {
    return (address + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private void write(FileSink sink) throws IOException {
    long start = sink.position();
    sink.write(Hdf5Objects.superblock(root.address, end));
    for (Group group : groups) {
      sink.write(group.header());
      pad(sink, start);
    }
    for (Data one : data) {
      sink.write(one.header(heap));
      pad(sink, start);
    }
    if (hasHeap()) {
      sink.write(Hdf5Objects.heap());
    }
    for (Data one : data) {
      TensorWrites.copy(source, one.tensor, sink::write);
      pad(sink, start);
    }
    if (sink.position() - start != end) {
      throw new IllegalStateException("expected " + end + " bytes, wrote " + sink.position());
    }
  }

  private static void pad(FileSink sink, long start) throws IOException {
    long at = sink.position() - start;
    sink.write(new byte[(int) (aligned(at) - at)]);
  }
}
