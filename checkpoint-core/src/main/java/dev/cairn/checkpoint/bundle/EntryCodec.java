package dev.cairn.checkpoint.bundle;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * BundleHeaderProto and BundleEntryProto ({@code core/protobuf/tensor_bundle.proto}), written as
 * protobuf does it: fields ascending, defaults left out. Unknown fields are passed over.
 */
final class EntryCodec {
  /** TensorFlow's bundle version that this code writes and reads (kTensorBundleVersion). */
  static final int VERSION = 1;

  private EntryCodec() {}

  /**
   * What an index entry says.
   *
   * @param slices the slices of a partitioned variable; empty for a stored tensor
   * @param crc unmasked
   */
  record Entry(
      DType dtype, Shape shape, int shard, long offset, long size, int crc, List<Slice> slices) {}

  static byte[] header(int shards) {
    return message(
        out -> {
          if (shards != 0) {
            out.writeInt32(1, shards);
          }
          out.writeByteArray(3, message(version -> version.writeInt32(1, VERSION)));
        });
  }

  /** The number of data files. */
  static int parseHeader(byte[] bytes, int offset, int length, String file)
      throws CheckpointException {
    int shards = 0;
    int endianness = 0;
    int minConsumer = 0;
    List<Integer> bad = new ArrayList<>();
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes, offset, length);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 -> shards = in.readInt32();
          case 2 << 3 -> endianness = in.readEnum();
          case 3 << 3 | 2 -> {
            CodedInputStream version = in.readBytes().newCodedInput();
            for (int t = version.readTag(); t != 0; t = version.readTag()) {
              switch (t) {
                case 2 << 3 -> minConsumer = version.readInt32();
                case 3 << 3 -> bad.add(version.readInt32());
                case 3 << 3 | 2 -> {
                  CodedInputStream packed = version.readBytes().newCodedInput();
                  while (!packed.isAtEnd()) {
                    bad.add(packed.readInt32());
                  }
                }
                default -> skip(version, t);
              }
            }
          }
          default -> skip(in, tag);
        }
      }
    } catch (IOException e) {
      throw corrupt("header", file, String.valueOf(e.getMessage()));
    }
    if (minConsumer > VERSION || bad.contains(VERSION)) {
      throw new CheckpointException.UnsupportedVersion(
          "Cannot read checkpoint index: expected a bundle for readers of version "
              + VERSION
              + ", found one for version "
              + minConsumer
              + " or later"
              + (bad.isEmpty() ? "" : ", not for " + bad)
              + " (path="
              + file
              + "); use a newer Cairn");
    }
    if (endianness != 0) {
      throw new CheckpointException.UnsupportedVersion(
          "Cannot read checkpoint index: expected little-endian data, found endianness "
              + endianness
              + " (path="
              + file
              + "); save it again on a little-endian machine");
    }
    if (shards < 1) {
      throw corrupt("header", file, "expected at least one data file, found " + shards);
    }
    return shards;
  }

  static byte[] entry(Entry entry) {
    return message(
        out -> {
          out.writeEnum(1, entry.dtype().number());
          out.writeByteArray(2, shape(entry.shape()));
          if (!entry.slices().isEmpty()) {
            for (Slice slice : entry.slices()) {
              out.writeByteArray(7, slice(slice));
            }
            return;
          }
          if (entry.shard() != 0) {
            out.writeInt32(3, entry.shard());
          }
          if (entry.offset() != 0) {
            out.writeInt64(4, entry.offset());
          }
          if (entry.size() != 0) {
            out.writeInt64(5, entry.size());
          }
          int masked = MaskedCrc.mask(entry.crc());
          if (masked != 0) {
            out.writeFixed32(6, masked);
          }
        });
  }

  static Entry parseEntry(String key, byte[] bytes, int offset, int length, String file)
      throws CheckpointException {
    int dtype = 0;
    List<Long> dims = new ArrayList<>();
    int shard = 0;
    long at = 0;
    long size = 0;
    int masked = 0;
    List<Slice> slices = new ArrayList<>();
    try {
      CodedInputStream in = CodedInputStream.newInstance(bytes, offset, length);
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        switch (tag) {
          case 1 << 3 -> dtype = in.readEnum();
          case 2 << 3 | 2 -> parseShape(in.readBytes().newCodedInput(), dims);
          case 3 << 3 -> shard = in.readInt32();
          case 4 << 3 -> at = in.readInt64();
          case 5 << 3 -> size = in.readInt64();
          case 6 << 3 | 5 -> masked = in.readFixed32();
          case 7 << 3 | 2 -> slices.add(parseSlice(in.readBytes().newCodedInput()));
          default -> skip(in, tag);
        }
      }
      if (dtype < 1) {
        throw corrupt(key, file, "expected a dtype's number, found " + dtype);
      }
      long[] sizes = dims.stream().mapToLong(Long::longValue).toArray();
      return new Entry(
          DType.isNumber(dtype) ? DType.ofNumber(dtype) : DType.UNKNOWN,
          Shape.of(sizes),
          shard,
          at,
          size,
          MaskedCrc.unmask(masked),
          List.copyOf(slices));
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw corrupt(key, file, String.valueOf(e.getMessage()));
    }
  }

  private static byte[] shape(Shape shape) {
    return message(
        out -> {
          for (int i = 0; i < shape.rank(); i++) {
            out.writeByteArray(2, int64(1, shape.dim(i)));
          }
        });
  }

  private static void parseShape(CodedInputStream in, List<Long> dims) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (2 << 3 | 2)) {
        long size = 0;
        CodedInputStream dim = in.readBytes().newCodedInput();
        for (int t = dim.readTag(); t != 0; t = dim.readTag()) {
          if (t == 1 << 3) {
            size = dim.readInt64();
          } else {
            skip(dim, t);
          }
        }
        dims.add(size);
      } else if (tag == 3 << 3) {
        if (in.readBool()) {
          throw new IOException("a shape of unknown rank");
        }
      } else {
        skip(in, tag);
      }
    }
  }

  private static byte[] slice(Slice slice) {
    return message(
        out -> {
          for (int i = 0; i < slice.rank(); i++) {
            long start = slice.start(i);
            long length = slice.length(i);
            out.writeByteArray(
                1,
                message(
                    extent -> {
                      if (start != 0) {
                        extent.writeInt64(1, start);
                      }
                      if (length != Slice.WHOLE) {
                        extent.writeInt64(2, length);
                      }
                    }));
          }
        });
  }

  private static Slice parseSlice(CodedInputStream in) throws IOException {
    List<long[]> extents = new ArrayList<>();
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (1 << 3 | 2)) {
        long[] extent = {0, Slice.WHOLE};
        CodedInputStream one = in.readBytes().newCodedInput();
        for (int t = one.readTag(); t != 0; t = one.readTag()) {
          switch (t) {
            case 1 << 3 -> extent[0] = one.readInt64();
            case 2 << 3 -> extent[1] = one.readInt64();
            default -> skip(one, t);
          }
        }
        extents.add(extent);
      } else {
        skip(in, tag);
      }
    }
    return Slice.of(
        extents.stream().mapToLong(e -> e[0]).toArray(),
        extents.stream().mapToLong(e -> e[1]).toArray());
  }

  private static byte[] int64(int field, long value) {
    return message(
        out -> {
          if (value != 0) {
            out.writeInt64(field, value);
          }
        });
  }

  private static void skip(CodedInputStream in, int tag) throws IOException {
    if (!in.skipField(tag)) {
      throw new IOException("unexpected end of a group");
    }
  }

  private static CheckpointException.Corrupt corrupt(String key, String file, String why) {
    return new CheckpointException.Corrupt(
        "Cannot read entry "
            + key
            + " of checkpoint index: "
            + why
            + " (path="
            + file
            + "); restore an older checkpoint");
  }

  private interface Body {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  private static byte[] message(Body body) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
    CodedOutputStream out = CodedOutputStream.newInstance(bytes, 64);
    try {
      body.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }
}
