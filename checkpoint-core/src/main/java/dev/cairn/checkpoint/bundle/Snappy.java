package dev.cairn.checkpoint.bundle;

/**
 * Snappy's raw format (its {@code format_description.txt}), reading only. TensorFlow reads index
 * blocks compressed with it, though its checkpoints' writers never make any.
 */
final class Snappy {

  /** A copy of 64 bytes takes 3, so that no block expands further. */
  private static final int MAX_EXPANSION = 24;

  private final byte[] in;
  private final int limit;
  private int position;

  private Snappy(byte[] in, int position, int limit) {
    this.in = in;
    this.position = position;
    this.limit = limit;
  }

  static byte[] decompress(byte[] in, int offset, int length) throws Malformed {
    return new Snappy(in, offset, offset + length).run();
  }

  private byte[] run() throws Malformed {
    long size = 0;
    for (int shift = 0; ; shift += 7) {
      int b = next();
      size |= (long) (b & 0x7f) << shift;
      if (b < 0x80) {
        break;
      }
      check(shift < 28, "its length");
    }
    check(size <= (long) MAX_EXPANSION * (limit - position), "it expands to " + size + " bytes");
    byte[] out = new byte[(int) size];
    int end = 0;
    while (position < limit) {
      int tag = next();
      if ((tag & 3) == 0) {
        int count = tag >>> 2;
        long literal = 1 + (count < 60 ? count : number(count - 59));
        check(literal <= limit - position && literal <= out.length - end, "a literal's length");
        System.arraycopy(in, position, out, end, (int) literal);
        position += (int) literal;
        end += (int) literal;
        continue;
      }
      int count;
      long distance;
      if ((tag & 3) == 1) {
        count = 4 + (tag >>> 2 & 7);
        distance = (long) (tag >>> 5) << 8 | next();
      } else {
        count = 1 + (tag >>> 2);
        distance = number((tag & 3) == 2 ? 2 : 4);
      }
      check(distance > 0 && distance <= end && count <= out.length - end, "a copy");
      for (int i = 0; i < count; i++, end++) {
        out[end] = out[end - (int) distance];
      }
    }
    check(end == out.length, "it is cut short");
    return out;
  }

  private long number(int bytes) throws Malformed {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value |= (long) next() << (8 * i);
    }
    return value;
  }

  private int next() throws Malformed {
    check(position < limit, "it is cut short");
    return in[position++] & 0xff;
  }

  private static void check(boolean good, String what) throws Malformed {
    if (!good) {
      throw new Malformed("damaged: " + what);
    }
  }

  /** Bytes that are not Snappy's. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String message) {
      super(message);
    }
  }
}
