package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.model.Shape;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a {@code .npy} file says of its array: a dictionary as Python writes it.
 *
 * @param description of the elements, such as {@code <f4}; a list's text if they are structures
 * @param fortranOrder whether the first dimension's elements lie side by side
 * @param shape of the array
 * @param bytes how long the header is, with all before it
 */
record NpyHeader(String description, boolean fortranOrder, Shape shape, long bytes) {
  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  /** NumPy's own default is 10,000. */
  private static final int MOST_BYTES = 1 << 16;

  private static final Pattern DICTIONARY =
      Pattern.compile(
          "\\s*\\{\\s*'descr'\\s*:\\s*(?:'([^']*)'|(\\[.*\\]))\\s*,"
              + "\\s*'fortran_order'\\s*:\\s*(True|False)\\s*,"
              + "\\s*'shape'\\s*:\\s*\\(([0-9L,\\s]*)\\)\\s*,?\\s*\\}\\s*",
          Pattern.DOTALL);

  private static final int DESCRIPTION = 1;
  private static final int STRUCTURE = 2;
  private static final int FORTRAN = 3;
  private static final int SHAPE = 4;

  /**
   * Reads a header, and not one byte more.
   *
   * @throws IllegalArgumentException that says what is wrong with it
   */
  static NpyHeader read(InputStream in) throws IOException {
    ByteBuffer start = ByteBuffer.wrap(bytes(in, MAGIC.length + 2));
    byte[] magic = new byte[MAGIC.length];
    start.get(magic);
    if (!java.util.Arrays.equals(magic, MAGIC)) {
      throw new IllegalArgumentException("it does not begin as NumPy's files do");
    }
    int major = start.get();
    if (major < 1 || major > 3) {
      throw new IllegalArgumentException(
          "expected NumPy's format of version 1 to 3, found " + (major & 0xff));
    }
    int width = major == 1 ? Short.BYTES : Integer.BYTES;
    ByteBuffer size = ByteBuffer.wrap(bytes(in, width)).order(ByteOrder.LITTLE_ENDIAN);
    long length =
        width == Short.BYTES
            ? Short.toUnsignedLong(size.getShort(0))
            : Integer.toUnsignedLong(size.getInt(0));
    if (length > MOST_BYTES) {
      throw new IllegalArgumentException(
          "expected a header of at most " + MOST_BYTES + " bytes, found one of " + length);
    }
    String text =
        new String(
            bytes(in, (int) length),
            major == 3 ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
    return parse(text, MAGIC.length + 2L + width + length);
  }

  private static byte[] bytes(InputStream in, int count) throws IOException {
    byte[] bytes = in.readNBytes(count);
    if (bytes.length < count) {
      throw new EOFException("its header is cut short");
    }
    return bytes;
  }

  private static NpyHeader parse(String text, long bytes) {
    Matcher found = DICTIONARY.matcher(text);
    if (!found.matches()) {
      throw new IllegalArgumentException("its header is none: " + text.strip());
    }
    List<Long> dims = new ArrayList<>();
    for (String dim : found.group(SHAPE).replace("L", "").split(",", -1)) {
      if (!dim.isBlank()) {
        dims.add(Long.parseLong(dim.strip()));
      }
    }
    String plain = found.group(DESCRIPTION);
    return new NpyHeader(
        plain == null ? String.valueOf(found.group(STRUCTURE)) : plain,
        found.group(FORTRAN).equals("True"),
        Shape.of(dims.stream().mapToLong(Long::longValue).toArray()),
        bytes);
  }
}
