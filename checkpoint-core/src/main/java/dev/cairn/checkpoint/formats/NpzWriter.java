package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes what {@code numpy.load} reads: a zip archive, not compressed, with one {@code NAME.npy} a
 * tensor (numpy.lib.format, version 1.0). bfloat16 becomes float32 of the same value, since NumPy
 * has no such type. Stateless.
 */
final class NpzWriter {
  /** Archives keep times; the same tensors give the same bytes. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private static final int ALIGNMENT = 64;
  private static final int MOST_NAME = 65_535;
  private static final int PIECE_BYTES = 1 << 16;

  private NpzWriter() {}

  static void write(TensorSource source, FileSink sink) throws IOException {
    TensorWrites.requireTypes(
        source, "npz", type -> NpyTypes.describe(NpyTypes.written(type)).isPresent());
    ZipOutputStream zip = new ZipOutputStream(sink.stream(), StandardCharsets.UTF_8);
    // Stored, but with sizes and checksum behind the data: they are not known before.
    zip.setLevel(Deflater.NO_COMPRESSION);
    for (VariableSpec tensor : source.tensors()) {
      zip.putNextEntry(entry(tensor.key(), source));
      DType written = NpyTypes.written(tensor.dtype());
      zip.write(header(written, tensor.shape()));
      byte[] buffer = new byte[PIECE_BYTES];
      Pieces plain = piece -> copy(piece, buffer, zip);
      TensorWrites.copy(
          source, tensor, written == tensor.dtype() ? plain : piece -> plain.take(widen(piece)));
      zip.closeEntry();
    }
    zip.finish();
  }

  private static ZipEntry entry(String name, TensorSource source) throws Mismatch {
    TensorWrites.requireText(name, source);
    String member = name + NpzFile.ENDING;
    int bytes = member.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > MOST_NAME) {
      throw new Mismatch(
          "Cannot write npz: expected a name of at most "
              + MOST_NAME
              + " bytes, found one of "
              + bytes
              + " (path="
              + source.path()
              + "); rename the tensor");
    }
    ZipEntry entry = new ZipEntry(member);
    entry.setTimeLocal(TIME);
    return entry;
  }

  private static void copy(ByteBuffer piece, byte[] buffer, OutputStream out) throws IOException {
    while (piece.hasRemaining()) {
      int count = Math.min(buffer.length, piece.remaining());
      piece.get(buffer, 0, count);
      out.write(buffer, 0, count);
    }
  }

  /** The upper half of a float's bits is the bfloat16. */
  private static ByteBuffer widen(ByteBuffer piece) {
    ByteBuffer wide = ByteBuffer.allocate(2 * piece.remaining()).order(ByteOrder.LITTLE_ENDIAN);
    while (piece.hasRemaining()) {
      wide.putShort((short) 0).put(piece.get()).put(piece.get());
    }
    return wide.flip();
  }

  private static byte[] header(DType type, Shape shape) {
    StringBuilder text = new StringBuilder("{'descr': '");
    text.append(NpyTypes.describe(type).orElseThrow());
    text.append("', 'fortran_order': False, 'shape': (");
    for (long dim : shape.dims()) {
      text.append(dim).append(", ");
    }
    text.append("), }");
    int before = NpyHeader.MAGIC.length + 4;
    int length = (before + text.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    text.append(" ".repeat(length - before - text.length() - 1)).append('\n');
    return ByteBuffer.allocate(length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(NpyHeader.MAGIC)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) text.length())
        .put(text.toString().getBytes(StandardCharsets.US_ASCII))
        .array();
  }
}
