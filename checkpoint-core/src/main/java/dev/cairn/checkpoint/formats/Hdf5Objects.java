package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import io.jhdf.checksum.JenkinsLookup3HashLittle;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;

/**
 * The bytes of HDF5's objects as {@link Hdf5Writer} puts them into a file (HDF5 File Format
 * Specification 3.0, III and IV): superblock of version 2, object headers of version 2 in one
 * piece, links in their group's header, data sets in one piece. All numbers are little-endian, all
 * addresses and lengths have 8 bytes. Stateless.
 */
final class Hdf5Objects {
  /** Bytes of a superblock. */
  static final int SUPERBLOCK = 48;

  /** Bytes of the heap in which the one string lies that attributes of variable length name. */
  static final int HEAP = 4096;

  /** An address of nothing. */
  static final long UNDEFINED = -1;

  private static final Set<DType> TYPES =
      Set.of(
          DType.BOOL,
          DType.INT8,
          DType.UINT8,
          DType.INT16,
          DType.UINT16,
          DType.INT32,
          DType.UINT32,
          DType.INT64,
          DType.UINT64,
          DType.HALF,
          DType.BFLOAT16,
          DType.FLOAT,
          DType.DOUBLE);

  private static final byte[] SIGNATURE = {(byte) 0x89, 'H', 'D', 'F', '\r', '\n', 0x1a, '\n'};
  private static final String BFLOAT16 = "bfloat16";

  private static final int DATASPACE = 0x01;
  private static final int LINK_INFO = 0x02;
  private static final int DATATYPE = 0x03;
  private static final int FILL_VALUE = 0x05;
  private static final int LINK = 0x06;
  private static final int LAYOUT = 0x08;
  private static final int GROUP_INFO = 0x0a;
  private static final int ATTRIBUTE = 0x0c;

  /** A growing array of bytes. */
  private static final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Bytes u8(int... values) {
      for (int value : values) {
        out.write(value);
      }
      return this;
    }

    Bytes number(long value, int bytes) {
      for (int i = 0; i < bytes; i++) {
        out.write((int) (value >>> (8 * i)));
      }
      return this;
    }

    Bytes u16(long value) {
      return number(value, 2);
    }

    Bytes u32(long value) {
      return number(value, 4);
    }

    Bytes u64(long value) {
      return number(value, 8);
    }

    Bytes bytes(byte[] bytes) {
      out.writeBytes(bytes);
      return this;
    }

    Bytes ascii(String text) {
      return bytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** The checksum of all before it. */
    Bytes checksum() {
      return u32(JenkinsLookup3HashLittle.hash(out.toByteArray()));
    }

    Bytes message(int type, Bytes content) {
      byte[] bytes = content.toArray();
      return u8(type).u16(bytes.length).u8(0).bytes(bytes);
    }

    byte[] toArray() {
      return out.toByteArray();
    }
  }

  private Hdf5Objects() {}

  /** Whether a type can be stored. */
  static boolean has(DType type) {
    return TYPES.contains(type);
  }

  static byte[] superblock(long root, long endOfFile) {
    return new Bytes()
        .bytes(SIGNATURE)
        .u8(2, 8, 8, 0)
        .u64(0)
        .u64(UNDEFINED)
        .u64(endOfFile)
        .u64(root)
        .checksum()
        .toArray();
  }

  /** The header of a group with links to the addresses of other headers. */
  static byte[] group(Map<String, Long> links) {
    Bytes messages = new Bytes();
    messages.message(LINK_INFO, new Bytes().u8(0, 0).u64(UNDEFINED).u64(UNDEFINED));
    messages.message(GROUP_INFO, new Bytes().u8(0, 0));
    links.forEach(
        (name, address) -> {
          byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
          // Version 1; a hard link, whose name has its length in two bytes and its letters' code.
          messages.message(
              LINK, new Bytes().u8(1, 0x11, 1).u16(utf8.length).bytes(utf8).u64(address));
        });
    return header(messages);
  }

  /**
   * The header of a data set.
   *
   * @param data where its elements lie
   * @param heap where the heap with the name of bfloat16 lies
   */
  static byte[] dataset(DType type, Shape shape, long data, long heap) {
    long bytes = shape.elements() * type.elementBytes();
    Bytes messages = new Bytes();
    messages.message(DATASPACE, dataspace(shape));
    messages.message(DATATYPE, datatype(type));
    // Version 3: space is allocated late, a fill value is written if one is set, and none is.
    messages.message(FILL_VALUE, new Bytes().u8(3, 0x0a));
    messages.message(LAYOUT, new Bytes().u8(3, 1).u64(bytes == 0 ? UNDEFINED : data).u64(bytes));
    if (type == DType.BFLOAT16) {
      messages.message(ATTRIBUTE, nameOfType(heap));
    }
    return header(messages);
  }

  private static byte[] header(Bytes messages) {
    byte[] all = messages.toArray();
    // Flags: the length has four bytes; there are no times.
    return new Bytes().ascii("OHDR").u8(2, 2).u32(all.length).bytes(all).checksum().toArray();
  }

  private static Bytes dataspace(Shape shape) {
    Bytes bytes = new Bytes().u8(2, shape.rank(), 0, shape.rank() == 0 ? 0 : 1);
    for (long dim : shape.dims()) {
      bytes.u64(dim);
    }
    return bytes;
  }

  private static Bytes datatype(DType type) {
    return switch (type) {
      case BOOL -> truth();
      case HALF -> floating(2, 10, 5);
      case BFLOAT16 -> opaque();
      case FLOAT -> floating(4, 23, 8);
      case DOUBLE -> floating(8, 52, 11);
      case INT8, INT16, INT32, INT64 -> fixed(type.elementBytes(), true);
      case UINT8, UINT16, UINT32, UINT64 -> fixed(type.elementBytes(), false);
      default -> throw new IllegalArgumentException("HDF5 has no " + type);
    };
  }

  private static Bytes fixed(int bytes, boolean signed) {
    return new Bytes().u8(0x10, signed ? 8 : 0, 0, 0).u32(bytes).u16(0).u16(8L * bytes);
  }

  private static Bytes floating(int bytes, int mantissa, int exponent) {
    return new Bytes()
        .u8(0x11, 0x20, 8 * bytes - 1, 0)
        .u32(bytes)
        .u16(0)
        .u16(8L * bytes)
        .u8(mantissa, exponent, 0, mantissa)
        .u32((1L << (exponent - 1)) - 1);
  }

  /** What h5py makes of NumPy's bfloat16: two bytes without a name. */
  private static Bytes opaque() {
    return new Bytes().u8(0x15, 0, 0, 0).u32(2);
  }

  /** What h5py makes of NumPy's truth values: an enumeration of two. */
  private static Bytes truth() {
    return new Bytes()
        .u8(0x18, 2, 0, 0)
        .u32(1)
        .bytes(fixed(1, true).toArray())
        .ascii("FALSE\0\0\0")
        .ascii("TRUE\0\0\0\0")
        .u8(0, 1);
  }

  /** The attribute by which Keras tells bfloat16: {@code dtype}, a string of variable length. */
  private static Bytes nameOfType(long heap) {
    byte[] type =
        new Bytes().u8(0x19, 0x01, 0x01, 0).u32(16).bytes(fixed(1, false).toArray()).toArray();
    byte[] space = dataspace(Shape.scalar()).toArray();
    byte[] name = "dtype\0".getBytes(StandardCharsets.US_ASCII);
    return new Bytes()
        .u8(3, 0)
        .u16(name.length)
        .u16(type.length)
        .u16(space.length)
        .u8(1)
        .bytes(name)
        .bytes(type)
        .bytes(space)
        .u32(BFLOAT16.length())
        .u64(heap)
        .u32(1);
  }

  /** The heap with the one string, and the rest of it as free space. */
  static byte[] heap() {
    int objects = 16 + 16 + BFLOAT16.length();
    Bytes heap =
        new Bytes()
            .ascii("GCOL")
            .u8(1, 0, 0, 0)
            .u64(HEAP)
            .u16(1)
            .u16(0)
            .u32(0)
            .u64(BFLOAT16.length())
            .ascii(BFLOAT16)
            .u16(0)
            .u16(0)
            .u32(0)
            .u64(HEAP - objects);
    return java.util.Arrays.copyOf(heap.toArray(), HEAP);
  }
}
