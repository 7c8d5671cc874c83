package dev.cairn.checkpoint.bundle;

import java.util.Arrays;

/** Tables around given blocks, with right checksums: what a fuzzer cannot guess. */
final class BlockTables {

  private BlockTables() {}

  /** A table whose only data block is this. */
  static byte[] around(byte[] block, int type) {
    return around(block, type, new byte[] {(byte) 0xff, (byte) 0xff});
  }

  /** The same, with this key in the block index. */
  static byte[] around(byte[] block, int type, byte[] key) {
    Bytes table = new Bytes();
    append(table, block, type);
    int meta = table.length();
    append(table, new byte[] {0, 0, 0, 0, 1, 0, 0, 0}, 0);
    int index = table.length();
    byte[] handle = new Bytes().varint(0).varint(block.length).toArray();
    Bytes entry = new Bytes().varint(0).varint(key.length).varint(handle.length);
    entry.write(key, 0, key.length);
    entry.write(handle, 0, handle.length);
    byte[] indexBlock = entry.fixed32(0).fixed32(1).toArray();
    append(table, indexBlock, 0);
    Bytes footer = new Bytes().varint(meta).varint(8).varint(index).varint(indexBlock.length);
    byte[] end = footer.padTo(40).fixed64(TableWriter.MAGIC).toArray();
    table.write(end, 0, end.length);
    return table.toArray();
  }

  /** A table of one data block, with that block as Snappy literals. */
  static byte[] compressed(byte[] table) {
    byte[] magic = new Bytes().fixed64(TableWriter.MAGIC).toArray();
    if (!Arrays.equals(Arrays.copyOfRange(table, table.length - 8, table.length), magic)) {
      throw new IllegalArgumentException("no table");
    }
    // The metaindex block stands right behind the data block and its trailer.
    int footer = table.length - TableWriter.FOOTER_BYTES;
    int meta = table[footer] & 0x7f | (table[footer] < 0 ? (table[footer + 1] & 0x7f) << 7 : 0);
    return around(literals(Arrays.copyOf(table, meta - TableWriter.TRAILER_BYTES)), 1);
  }

  /** A table of one data block whose block of handles becomes Snappy literals. */
  static byte[] compressedIndex(byte[] table) {
    int footer = table.length - TableWriter.FOOTER_BYTES;
    int[] at = {footer};
    int meta = varint(table, at);
    int metaSize = varint(table, at);
    int index = varint(table, at);
    byte[] handles = Arrays.copyOfRange(table, index, index + varint(table, at));
    Bytes packed = new Bytes();
    packed.write(table, 0, index);
    byte[] block = literals(handles);
    append(packed, block, 1);
    Bytes end = new Bytes().varint(meta).varint(metaSize).varint(index).varint(block.length);
    byte[] tail = end.padTo(40).fixed64(TableWriter.MAGIC).toArray();
    packed.write(tail, 0, tail.length);
    return packed.toArray();
  }

  private static int varint(byte[] bytes, int[] at) {
    int value = 0;
    int shift = 0;
    byte b;
    do {
      b = bytes[at[0]++];
      value |= (b & 0x7f) << shift;
      shift += 7;
    } while (b < 0);
    return value;
  }

  private static byte[] literals(byte[] block) {
    Bytes packed = new Bytes().varint(block.length);
    for (int at = 0; at < block.length; at += 60) {
      int length = Math.min(60, block.length - at);
      packed.varint(0);
      byte[] tagged = packed.toArray();
      tagged[tagged.length - 1] = (byte) ((length - 1) << 2);
      packed = new Bytes();
      packed.write(tagged, 0, tagged.length);
      packed.write(block, at, length);
    }
    return packed.toArray();
  }

  private static void append(Bytes table, byte[] block, int type) {
    byte[] typed = Arrays.copyOf(block, block.length + 1);
    typed[block.length] = (byte) type;
    table.write(typed, 0, typed.length);
    table.fixed32(MaskedCrc.mask(MaskedCrc.of(typed, 0, typed.length)));
  }
}
