package dev.cairn.checkpoint.bundle;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Writes the payloads of one data file, one after the other, with a checksum for each and one for
 * the file. Memory: the one chunk that the caller hands in, about 1 MiB. Not thread-safe.
 */
public final class PayloadWriter {

  /** Takes the file's bytes, and all that remain of each buffer. */
  @FunctionalInterface
  public interface Sink {
    /** Writes all remaining bytes. */
    void write(ByteBuffer bytes) throws IOException;
  }

  private final Sink sink;
  private final int shard;
  private final ByteBuffer chunk;
  private final CRC32C fileCrc = new CRC32C();
  private final CRC32C sliceCrc = new CRC32C();
  private final List<StoredSlice> slices = new ArrayList<>();
  private long flushed;

  /**
   * A writer at the start of an empty file.
   *
   * @param shard the data file's number
   * @param chunk buffer of at least 16 bytes that this writer owns from now on, direct if the sink
   *     prefers such
   */
  public PayloadWriter(Sink sink, int shard, ByteBuffer chunk) {
    if (chunk.capacity() < 16) {
      throw new IllegalArgumentException(
          "Cannot write payloads: expected a chunk of 16 bytes or more, found " + chunk.capacity());
    }
    this.sink = sink;
    this.shard = shard;
    this.chunk = chunk.clear().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Writes a slice of float32 from {@code values[offset, offset + count)}, row-major. */
  public StoredSlice write(
      VariableSpec variable, Slice slice, float[] values, int offset, int count)
      throws IOException {
    if (variable.dtype() != DType.FLOAT) {
      throw new IllegalArgumentException(
          "Cannot write " + variable + " from a float[]: expected FLOAT");
    }
    long start = begin(variable, slice, 4L * count);
    int done = 0;
    while (done < count) {
      if (chunk.remaining() < Float.BYTES) {
        flush();
      }
      int from = chunk.position();
      int n = Math.min(count - done, chunk.remaining() / Float.BYTES);
      chunk.asFloatBuffer().put(values, offset + done, n);
      chunk.position(from + n * Float.BYTES);
      checksum(from);
      done += n;
    }
    return end(variable, slice, start, (int) sliceCrc.getValue());
  }

  /** Writes a slice of any fixed-width dtype from its little-endian bytes, which are consumed. */
  public StoredSlice write(VariableSpec variable, Slice slice, ByteBuffer raw) throws IOException {
    long start = begin(variable, slice, raw.remaining());
    put(raw);
    return end(variable, slice, start, (int) sliceCrc.getValue());
  }

  /** Writes a whole string tensor, elements in row-major order. */
  public StoredSlice writeStrings(VariableSpec variable, List<byte[]> elements) throws IOException {
    if (variable.dtype() != DType.STRING || variable.shape().elements() != elements.size()) {
      throw new IllegalArgumentException(
          "Cannot write " + elements.size() + " strings as " + variable);
    }
    StringTensor tensor = StringTensor.encode(elements);
    long start = length();
    put(ByteBuffer.wrap(tensor.payload()));
    return end(variable, Slice.full(variable.shape().rank()), start, tensor.crc32c());
  }

  /** Hands what is buffered to the sink; the file is complete after the last one. */
  public void flush() throws IOException {
    chunk.flip();
    flushed += chunk.remaining();
    fileCrc.update(chunk.duplicate());
    sink.write(chunk);
    chunk.clear();
  }

  /** Bytes written so far, buffered ones too. */
  public long length() {
    return flushed + chunk.position();
  }

  /** Checksum of all bytes that were flushed, unmasked. */
  public int crc32c() {
    return (int) fileCrc.getValue();
  }

  /** What was written so far, in the order of the offsets. */
  public List<StoredSlice> slices() {
    return Collections.unmodifiableList(slices);
  }

  private long begin(VariableSpec variable, Slice slice, long bytes) {
    if (!slice.fits(variable.shape())) {
      throw new IllegalArgumentException(
          "Cannot write slice " + slice + " of " + variable + ": it is not within it");
    }
    if (!slice.coversAll(variable.shape()) && !variable.dtype().sliceableInTensorFlow()) {
      throw new IllegalArgumentException(
          "Cannot write slice "
              + slice
              + " of "
              + variable
              + ": TensorFlow cannot put slices of this dtype together; write it in one piece");
    }
    Shape part = slice.shape(variable.shape());
    int elementBytes = variable.dtype().elementBytes();
    if (elementBytes == 0 || Math.multiplyExact(part.elements(), elementBytes) != bytes) {
      throw new IllegalArgumentException(
          "Cannot write slice "
              + slice
              + " of "
              + variable
              + ": expected "
              + (elementBytes == 0 ? "a fixed-width dtype" : part.elements() * elementBytes)
              + ", found "
              + bytes
              + " bytes");
    }
    sliceCrc.reset();
    return length();
  }

  private StoredSlice end(VariableSpec variable, Slice slice, long start, int crc) {
    StoredSlice stored = new StoredSlice(variable, slice, shard, start, length() - start, crc);
    slices.add(stored);
    return stored;
  }

  private void put(ByteBuffer raw) throws IOException {
    while (raw.hasRemaining()) {
      if (!chunk.hasRemaining()) {
        flush();
      }
      int from = chunk.position();
      int n = Math.min(raw.remaining(), chunk.remaining());
      chunk.put(from, raw, raw.position(), n);
      chunk.position(from + n);
      raw.position(raw.position() + n);
      checksum(from);
    }
  }

  /** While the bytes are still in the processor's cache. */
  private void checksum(int from) {
    sliceCrc.update(chunk.duplicate().flip().position(from));
  }
}
