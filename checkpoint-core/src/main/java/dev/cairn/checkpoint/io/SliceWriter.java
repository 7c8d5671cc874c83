package dev.cairn.checkpoint.io;

import dev.cairn.checkpoint.bundle.StringTensor;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.StoreOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Writes slices one after the other into one data file and counts their checksums.
 *
 * <p>The bytes are little-endian, row-major, without gaps, as TensorFlow's data files are. One
 * buffer is all the memory it takes, whatever the size of the file. Not thread-safe. Whoever made
 * the file finishes it, once {@link #flush} has written the rest.
 */
public final class SliceWriter {

  /** Gives a slice's elements piece by piece. */
  public interface Source {
    /**
     * Fills a piece.
     *
     * @param first number of the piece's first element, row-major, within the slice
     * @param into little-endian; room for whole elements from its position to its limit, all of
     *     which is filled
     */
    void fill(long first, ByteBuffer into);
  }

  private final StoreOutput out;
  private final int shard;
  private final ByteBuffer buffer;
  private final CRC32C crc = new CRC32C();
  private final List<StoredSlice> slices = new ArrayList<>();
  private long length;
  private int fileCrc;

  /**
   * A writer into a new file.
   *
   * @param shard number of the file, for what is said of its slices
   * @param bufferBytes at least 16, the widest element
   */
  public SliceWriter(StoreOutput out, int shard, int bufferBytes) {
    this.out = out;
    this.shard = shard;
    this.buffer =
        AlignedBuffers.allocate(out.prefersDirect(), bufferBytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Writes a slice of a FLOAT variable.
   *
   * @param values row-major
   * @param offset first value
   * @param count as many as the slice has elements
   */
  public void write(VariableSpec variable, Slice slice, float[] values, int offset, int count)
      throws IOException {
    check(variable, slice, variable.dtype() == DType.FLOAT, 4L * count);
    writePieces(
        variable,
        slice,
        count,
        (first, into) ->
            into.asFloatBuffer().put(values, (int) (offset + first), into.remaining() / 4));
  }

  /** Writes a slice of any fixed-width type, of which pieces are asked for as there is room. */
  public void write(VariableSpec variable, Slice slice, Source source) throws IOException {
    check(variable, slice, variable.dtype().elementBytes() > 0, -1);
    writePieces(variable, slice, slice.shape(variable.shape()).elements(), source);
  }

  private void writePieces(VariableSpec variable, Slice slice, long elements, Source source)
      throws IOException {
    int width = variable.dtype().elementBytes();
    long start = length;
    long at = 0;
    while (at < elements) {
      makeRoom(width);
      int n = (int) Math.min(elements - at, buffer.remaining() / width);
      int position = buffer.position();
      ByteBuffer piece = buffer.slice(position, n * width).order(ByteOrder.LITTLE_ENDIAN);
      source.fill(at, piece);
      buffer.position(position + n * width);
      checksum(position);
      at += n;
    }
    record(variable, slice, start, (int) crc.getValue());
  }

  /**
   * Writes a slice of any fixed-width type.
   *
   * @param raw the slice's elements, row-major, little-endian; read to its limit
   */
  public void write(VariableSpec variable, Slice slice, ByteBuffer raw) throws IOException {
    check(variable, slice, variable.dtype().elementBytes() > 0, raw.remaining());
    long start = length;
    copy(raw);
    record(variable, slice, start, (int) crc.getValue());
  }

  /**
   * Writes a slice of any fixed-width type and any size.
   *
   * @param values hands out as many elements as the slice has
   */
  public void write(VariableSpec variable, Slice slice, Pieces.Source values) throws IOException {
    check(variable, slice, variable.dtype().elementBytes() > 0, -1);
    long start = length;
    values.to(this::copy);
    long bytes = slice.shape(variable.shape()).elements() * variable.dtype().elementBytes();
    if (length - start != bytes) {
      throw new IllegalArgumentException(
          "Cannot write slice "
              + slice
              + " of "
              + variable
              + ": expected "
              + bytes
              + " bytes, found "
              + (length - start));
    }
    record(variable, slice, start, (int) crc.getValue());
  }

  /** Writes a STRING variable, which TensorFlow can only read in one piece. */
  public void writeStrings(VariableSpec variable, List<byte[]> elements) throws IOException {
    boolean fits =
        variable.dtype() == DType.STRING && variable.shape().elements() == elements.size();
    Slice full = Slice.full(variable.shape().rank());
    check(variable, full, fits, -1);
    StringTensor tensor = StringTensor.encode(elements);
    long start = length;
    copy(ByteBuffer.wrap(tensor.payload()));
    // TensorFlow's checksum of strings is not that of their bytes; the file's own is.
    fileCrc = Crc32cCombiner.combine(fileCrc, (int) crc.getValue(), length - start);
    slices.add(new StoredSlice(variable, full, shard, start, length - start, tensor.crc32c()));
  }

  private void check(VariableSpec variable, Slice slice, boolean typeFits, long bytes) {
    if (!slice.fits(variable.shape())) {
      throw new IllegalArgumentException(
          "Cannot write slice " + slice + " of " + variable + ": it is not within the variable");
    }
    long elements = slice.shape(variable.shape()).elements();
    if (!typeFits || (bytes >= 0 && bytes != elements * variable.dtype().elementBytes())) {
      throw new IllegalArgumentException(
          "Cannot write slice "
              + slice
              + " of "
              + variable
              + ": expected "
              + elements
              + " elements of its type, found "
              + bytes
              + " bytes");
    }
    crc.reset();
  }

  private void copy(ByteBuffer raw) throws IOException {
    int limit = raw.limit();
    while (raw.position() < limit) {
      makeRoom(1);
      int position = buffer.position();
      raw.limit(Math.min(limit, raw.position() + buffer.remaining()));
      buffer.put(raw);
      raw.limit(limit);
      checksum(position);
    }
  }

  private void makeRoom(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
  }

  /** Takes in the buffer's bytes from a position on: they are still in the cache. */
  private void checksum(int from) {
    length += buffer.position() - from;
    crc.update(buffer.duplicate().position(from).limit(buffer.position()));
  }

  private void record(VariableSpec variable, Slice slice, long start, int sliceCrc) {
    fileCrc = Crc32cCombiner.combine(fileCrc, sliceCrc, length - start);
    slices.add(new StoredSlice(variable, slice, shard, start, length - start, sliceCrc));
  }

  /** Hands what is still in the buffer to the file. */
  public void flush() throws IOException {
    buffer.flip();
    out.write(buffer);
    buffer.clear();
  }

  /** Bytes written so far, those in the buffer among them. */
  public long length() {
    return length;
  }

  /** The checksum of all bytes written so far, unmasked. */
  public int crc32c() {
    return fileCrc;
  }

  /** What was written so far, in the order of the offsets. */
  public List<StoredSlice> slices() {
    return Collections.unmodifiableList(slices);
  }
}
