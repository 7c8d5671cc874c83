package dev.cairn.checkpoint.model;

import java.nio.charset.StandardCharsets;

/**
 * MurmurHash3_x86_32 (Austin Appleby's, seed 42) of names that are put together of texts in UTF-8:
 * the texts are hashed one after the other, and the name itself is never there. Not thread-safe.
 */
final class NameHash {
  private static final int SEED = 42;

  private int hash = SEED;

  /**
   * The bytes since the last whole word of four, the first one lowest; then the number of their
   * bits.
   */
  private long rest;

  private int restBits;
  private int length;

  /** A text as words of four bytes, the first byte lowest, as often as wanted. Not thread-safe. */
  static final class Text {
    private int[] words = new int[4];
    private int length;

    /** Sets the text. */
    void set(String text) {
      int chars = text.length();
      if (words.length * Integer.BYTES <= chars) {
        words = new int[chars / 2];
      }
      int word = 0;
      for (int i = 0; i < chars; i++) {
        char c = text.charAt(i);
        if (c >= 0x80) {
          set(text.getBytes(StandardCharsets.UTF_8));
          return;
        }
        word |= c << (i << 3); // the shift counts modulo 32
        if ((i & 3) == 3) {
          words[i >> 2] = word;
          word = 0;
        }
      }
      words[chars >> 2] = word;
      length = chars;
    }

    private void set(byte[] utf8) {
      words = new int[utf8.length / Integer.BYTES + 1];
      for (int i = 0; i < utf8.length; i++) {
        words[i >> 2] |= (utf8[i] & 0xff) << (i << 3);
      }
      length = utf8.length;
    }
  }

  /** The hash of a name's beginning, for {@link #startWith}. */
  static NameHash of(String beginning) {
    Text text = new Text();
    text.set(beginning);
    NameHash begun = new NameHash();
    begun.add(text);
    return begun;
  }

  /** Begins a name. */
  void startWith(NameHash beginning) {
    hash = beginning.hash;
    rest = beginning.rest;
    restBits = beginning.restBits;
    length = beginning.length;
  }

  /** Adds a text to the name. */
  void add(Text text) {
    int whole = text.length >> 2;
    for (int i = 0; i < whole; i++) {
      add(text.words[i], Integer.SIZE);
    }
    add(text.words[whole], (text.length & 3) << 3);
    length += text.length;
  }

  /** Adds one character of ASCII to the name. */
  void add(char c) {
    add(c, Byte.SIZE);
    length++;
  }

  private void add(int bytes, int bits) {
    rest |= (bytes & 0xFFFFFFFFL) << restBits;
    restBits += bits;
    if (restBits >= Integer.SIZE) {
      hash = Integer.rotateLeft(hash ^ scrambled((int) rest), 13) * 5 + 0xe6546b64;
      rest >>>= Integer.SIZE;
      restBits -= Integer.SIZE;
    }
  }

  /** The hash of what was added. */
  int value() {
    int last = hash ^ scrambled((int) rest) ^ length;
    last = (last ^ (last >>> 16)) * 0x85ebca6b;
    last = (last ^ (last >>> 13)) * 0xc2b2ae35;
    return last ^ (last >>> 16);
  }

  private static int scrambled(int block) {
    return Integer.rotateLeft(block * 0xcc9e2d51, 15) * 0x1b873593;
  }
}
