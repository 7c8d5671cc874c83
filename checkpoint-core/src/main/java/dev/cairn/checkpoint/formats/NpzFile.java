package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * What {@code numpy.savez} wrote, compressed or not: numbers of any order of bytes. An array of
 * Python's objects is refused, since it is a program and not numbers; text is left out, and told.
 *
 * <p>Memory: a piece of 1 MiB; an array of more than one dimension in Fortran's order is held as a
 * whole, up to 64 MiB.
 */
final class NpzFile extends ListedTensors {
  static final String ENDING = ".npy";

  private static final int PIECE_BYTES = 1 << 20;
  private static final long MOST_HELD = 64L << 20;

  private record Member(ZipEntry entry, NpyHeader header, DType type) {}

  private final LocalFile file;
  private final ZipFile zip;
  private final Map<String, Member> members = new LinkedHashMap<>();

  private NpzFile(LocalFile file, ZipFile zip) {
    this.file = file;
    this.zip = zip;
  }

  /** Opens an archive; the file is closed with it. */
  static NpzFile open(LocalFile file) throws IOException {
    try {
      ZipFile zip = Archives.open(file, "npz");
      try {
        NpzFile npz = new NpzFile(file, zip);
        npz.list();
        return npz;
      } catch (IOException e) {
        zip.close();
        throw e;
      }
    } catch (IOException e) {
      try (file) {
        throw e;
      }
    }
  }

  private void list() throws IOException {
    for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
      ZipEntry entry = all.nextElement();
      if (!entry.getName().endsWith(ENDING)
          || entry.getName().equals(ENDING)
          || entry.getName().startsWith("\0")) {
        leaveOut(entry.getName() + ": is no array");
        continue;
      }
      String name = entry.getName().substring(0, entry.getName().length() - ENDING.length());
      add(name, entry);
    }
  }

  private void add(String name, ZipEntry entry) throws IOException {
    NpyHeader header;
    try (InputStream in = zip.getInputStream(entry)) {
      header = NpyHeader.read(in);
    } catch (IllegalArgumentException | EOFException | ZipException e) {
      throw corrupt(name, String.valueOf(e.getMessage()));
    }
    String said = header.description();
    if (said.matches("[<>|=]?[SUa]\\d+")) {
      leaveOut(name + ": " + said + " is text");
      return;
    }
    DType type = NpyTypes.type(said).orElse(null);
    if (type == null) {
      throw new Mismatch(
          "Cannot read npz: expected numbers, found "
              + (said.contains("O") ? "Python objects" : "another type")
              + " ("
              + said
              + ") in array "
              + name
              + " (path="
              + file.shown()
              + "); save it with numpy.savez as an array of numbers");
    }
    VariableSpec tensor = new VariableSpec(name, type, header.shape());
    long expected;
    try {
      expected = Math.addExact(header.bytes(), TensorWrites.bytes(tensor));
    } catch (ArithmeticException e) {
      throw corrupt(name, "its shape " + header.shape() + " is too large");
    }
    if (entry.getSize() != expected) {
      throw corrupt(
          name, "expected " + expected + " bytes with the header, found " + entry.getSize());
    }
    boolean turned = header.fortranOrder() && header.shape().rank() > 1;
    if (turned && TensorWrites.bytes(tensor) > MOST_HELD) {
      throw new Mismatch(
          "Cannot read npz: expected at most "
              + MOST_HELD
              + " bytes of an array in Fortran's order, found "
              + TensorWrites.bytes(tensor)
              + " of array "
              + tensor
              + " (path="
              + file.shown()
              + "); save it with numpy.ascontiguousarray");
    }
    if (members.put(name, new Member(entry, header, type)) != null) {
      throw corrupt(name, "the archive has it twice");
    }
    found(tensor);
  }

  private Corrupt corrupt(String name, String why) {
    return new Corrupt(
        "Cannot read npz: array "
            + name
            + ": "
            + why
            + " (path="
            + file.shown()
            + "); write the file anew");
  }

  @Override
  public String path() {
    return file.shown();
  }

  @Override
  public void read(VariableSpec tensor, Pieces into) throws IOException {
    Member member = members.get(tensor.key());
    if (member == null) {
      throw missing(tensor.key());
    }
    long bytes = TensorWrites.bytes(tensor);
    boolean turned = member.header.fortranOrder() && tensor.shape().rank() > 1;
    byte[] buffer = new byte[(int) (turned ? bytes : Math.min(PIECE_BYTES, bytes))];
    boolean bigEndian = member.header.description().startsWith(">");
    CRC32 crc = new CRC32();
    try (InputStream in = new CheckedInputStream(zip.getInputStream(member.entry), crc)) {
      in.skipNBytes(member.header.bytes());
      int count;
      for (long done = 0; done < bytes; done += count) {
        count = in.readNBytes(buffer, 0, (int) Math.min(buffer.length, bytes - done));
        if (count == 0) {
          throw new EOFException("it is cut short");
        }
        if (bigEndian) {
          ByteOrders.swap(buffer, count, NpyTypes.swappedBytes(member.type));
        }
        byte[] piece = turned ? rowMajor(buffer, tensor) : buffer;
        into.take(ByteBuffer.wrap(piece, 0, count).order(ByteOrder.LITTLE_ENDIAN));
      }
    } catch (ZipException | EOFException e) {
      throw corrupt(tensor.key(), "its compressed bytes are none: " + e.getMessage());
    }
    if (crc.getValue() != member.entry.getCrc()) {
      throw corrupt(
          tensor.key(),
          String.format(
              java.util.Locale.ROOT,
              "its checksum differs, expected %08x, found %08x",
              member.entry.getCrc(),
              crc.getValue()));
    }
  }

  /** The elements in their usual order: the last dimension's lie side by side. */
  private static byte[] rowMajor(byte[] columns, VariableSpec tensor) {
    Shape shape = tensor.shape();
    int width = tensor.dtype().elementBytes();
    int rank = shape.rank();
    long[] strides = new long[rank];
    long stride = width;
    for (int d = 0; d < rank; d++) {
      strides[d] = stride;
      stride *= shape.dim(d);
    }
    byte[] rows = new byte[columns.length];
    long[] index = new long[rank];
    int from = 0;
    for (int to = 0; to < rows.length; to += width) {
      System.arraycopy(columns, from, rows, to, width);
      for (int d = rank - 1; d >= 0; d--) {
        from += (int) strides[d];
        if (++index[d] < shape.dim(d)) {
          break;
        }
        from -= (int) (strides[d] * shape.dim(d));
        index[d] = 0;
      }
    }
    return rows;
  }

  @Override
  public void close() throws IOException {
    try (file) {
      zip.close();
    }
  }
}
