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
import java.util.Arrays;
import java.util.List;

/**
 * Reads and writes BundleHeaderProto and BundleEntryProto ({@code
 * core/protobuf/tensor_bundle.proto}) as protobuf does: fields ascending, defaults left out.
 * Unknown fields are passed over.
 */
final class EntryCodec {
  /** TensorFlow's bundle version that this code writes and reads (kTensorBundleVersion). */
  static final int VERSION = 1;

  /** Of the enum in the header: as machines with the highest byte first have written it. */
  private static final int BIG = 1;

  /** TensorFlow's limit (TensorShape::MaxDimensions). */
  private static final int MAX_RANK = 254;

  /**
   * TensorFlow names data files with five digits; its own manager takes no other names for them.
   */
  static final int MOST_SHARDS = 99_999;

  private EntryCodec() {}

  /**
   * An index entry.
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

  /**
   * What the header says.
   *
   * @param shards the number of data files
   * @param bigEndian whether numbers lie in the data files with their highest byte first
   */
  record Header(int shards, boolean bigEndian) {}

  static Header parseHeader(byte[] bytes, int offset, int length, String file)
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
    if (endianness != 0 && endianness != BIG) {
      throw corrupt("header", file, "expected endianness 0 or 1, found " + endianness);
    }
    if (shards < 1 || shards > MOST_SHARDS) {
      throw corrupt(
          "header", file, "expected 1 to " + MOST_SHARDS + " data files, found " + shards);
    }
    return new Header(shards, endianness == BIG);
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

  /**
   * Parses one entry.
   *
   * @param key for messages
   */
  static Entry parseEntry(byte[] key, byte[] bytes, int offset, int length, String file)
      throws CheckpointException {
    int dtype = 0;
    long[] dims = new long[0];
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
          case 2 << 3 | 2 -> dims = parseShape(in, dims);
          case 3 << 3 -> shard = in.readInt32();
          case 4 << 3 -> at = in.readInt64();
          case 5 << 3 -> size = in.readInt64();
          case 6 << 3 | 5 -> masked = in.readFixed32();
          case 7 << 3 | 2 -> slices.add(parseSlice(in));
          default -> skip(in, tag);
        }
      }
      if (dtype < 1) {
        throw corrupt(
            TableWriter.printable(key), file, "expected a dtype's number, found " + dtype);
      }
      return new Entry(
          DType.isNumber(dtype) ? DType.ofNumber(dtype) : DType.UNKNOWN,
          Shape.of(dims),
          shard,
          at,
          size,
          MaskedCrc.unmask(masked),
          List.copyOf(slices));
    } catch (CheckpointException e) {
      throw e;
    } catch (IOException | IllegalArgumentException e) {
      throw corrupt(TableWriter.printable(key), file, String.valueOf(e.getMessage()));
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

  /** Begins a message within a message; {@link #end} ends it. An index has one for each slice. */
  private static int begin(CodedInputStream in) throws IOException {
    return in.pushLimit(in.readRawVarint32());
  }

  private static void end(CodedInputStream in, int outer) throws IOException {
    in.checkLastTagWas(0);
    in.popLimit(outer);
  }

  /** Reads a shape and appends its dimensions to those before. */
  private static long[] parseShape(CodedInputStream in, long[] before) throws IOException {
    long[] dims = before;
    int outer = begin(in);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (2 << 3 | 2)) {
        long size = 0;
        int shape = begin(in);
        for (int t = in.readTag(); t != 0; t = in.readTag()) {
          if (t == 1 << 3) {
            size = in.readInt64();
          } else {
            skip(in, t);
          }
        }
        end(in, shape);
        dims = with(dims, size);
      } else if (tag == 3 << 3) {
        if (in.readBool()) {
          throw new IOException("a shape of unknown rank");
        }
      } else {
        skip(in, tag);
      }
    }
    end(in, outer);
    return dims;
  }

  private static long[] with(long[] numbers, long last) throws IOException {
    if (numbers.length == MAX_RANK) {
      throw new IOException("a shape of more than " + MAX_RANK + " dimensions");
    }
    long[] longer = Arrays.copyOf(numbers, numbers.length + 1);
    longer[numbers.length] = last;
    return longer;
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
    long[] starts = new long[0];
    long[] lengths = new long[0];
    int outer = begin(in);
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (tag == (1 << 3 | 2)) {
        long start = 0;
        long length = Slice.WHOLE;
        int slice = begin(in);
        for (int t = in.readTag(); t != 0; t = in.readTag()) {
          switch (t) {
            case 1 << 3 -> start = in.readInt64();
            case 2 << 3 -> length = in.readInt64();
            default -> skip(in, t);
          }
        }
        end(in, slice);
        starts = with(starts, start);
        lengths = with(lengths, length);
      } else {
        skip(in, tag);
      }
    }
    end(in, outer);
    return Slice.of(starts, lengths);
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
