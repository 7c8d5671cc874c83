package dev.cairn.checkpoint.graph;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Objects of a program, put together by tests. */
class Tree implements SlotOwner {
  final SortedMap<String, Trackable> children = new TreeMap<>();
  final List<Slot> slots = new ArrayList<>();

  /** A FLOAT variable. */
  record Leaf(DType dtype, Shape shape) implements Variable {
    static Leaf of(long... dims) {
      return new Leaf(DType.FLOAT, Shape.of(dims));
    }
  }

  /** A state that remembers. */
  static final class Memory implements State {
    byte[] bytes;

    Memory(byte... bytes) {
      this.bytes = bytes;
    }

    @Override
    public byte[] save() {
      return bytes;
    }

    @Override
    public void restore(byte[] saved) {
      bytes = saved;
    }
  }

  Tree with(String name, Trackable child) {
    children.put(name, child);
    return this;
  }

  Tree slot(Variable variable, String name, Variable slot) {
    slots.add(new Slot(variable, name, slot));
    return this;
  }

  @Override
  public SortedMap<String, Trackable> children() {
    return children;
  }

  @Override
  public List<Slot> slots() {
    return slots;
  }
}
