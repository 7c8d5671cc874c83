package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.graph.State;
import dev.cairn.checkpoint.graph.Trackable;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;

/** Objects of programs, as tests need them. */
final class Net extends AutoTrackable {

  /** Leads to a child. */
  <T extends Trackable> T with(String name, T child) {
    return track(name, child);
  }

  /** FLOAT zeros. */
  static ArrayVariable zeros(long... dims) {
    return ArrayVariable.zeros(DType.FLOAT, Shape.of(dims));
  }

  /** FLOAT values. */
  static ArrayVariable floats(float... values) {
    return ArrayVariable.of(values, values.length);
  }

  /** A state that remembers, and refuses what is not its own. */
  static final class Memory implements State {
    byte[] bytes;

    Memory(int... bytes) {
      this.bytes = new byte[bytes.length];
      for (int i = 0; i < bytes.length; i++) {
        this.bytes[i] = (byte) bytes[i];
      }
    }

    @Override
    public byte[] save() {
      return bytes;
    }

    @Override
    public void restore(byte[] saved) {
      if (saved.length != bytes.length) {
        throw new IllegalArgumentException("expected " + bytes.length + " bytes");
      }
      bytes = saved;
    }
  }
}
