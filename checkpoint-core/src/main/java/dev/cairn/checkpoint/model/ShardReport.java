package dev.cairn.checkpoint.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A writer's report that its data file is durable, with the slices in it.
 *
 * @param attempt the attempt it was written for, from its {@link ShardTarget}
 * @param shard the shard's number
 * @param file the file, synced and closed
 * @param slices the slices in the file, in the order of their offsets
 */
public record ShardReport(String attempt, int shard, DataFile file, List<StoredSlice> slices) {

  private static final int MAGIC = 0x43524e31;
  private static final int MAX_RANK = 254;

  /** Checks that every slice is of this shard and within the file. */
  public ShardReport {
    Objects.requireNonNull(attempt, "attempt");
    slices = List.copyOf(slices);
    for (StoredSlice slice : slices) {
      if (slice.shard() != shard || slice.end() > file.length()) {
        throw new IllegalArgumentException(
            "Cannot report shard "
                + shard
                + ": "
                + slice.describe()
                + " is of shard "
                + slice.shard()
                + " and ends at byte "
                + slice.end()
                + " of a file of "
                + file.length());
      }
    }
  }

  /**
   * Encodes this as big-endian bytes for a message: each variable once, then its slices by number.
   */
  public byte[] encode() {
    Map<VariableSpec, Integer> numbers = new LinkedHashMap<>();
    long size = 64 + 3L * (attempt.length() + file.name().length());
    for (StoredSlice slice : slices) {
      if (numbers.putIfAbsent(slice.variable(), numbers.size()) == null) {
        size += 16 + 3L * slice.variable().key().length() + 8L * slice.variable().shape().rank();
      }
      size += 24 + 16L * slice.slice().rank();
    }
    ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(size));
    out.putInt(MAGIC);
    putText(out, attempt);
    out.putInt(shard);
    putText(out, file.name());
    out.putLong(file.length()).putInt(file.crc32c());
    out.putInt(numbers.size());
    for (VariableSpec variable : numbers.keySet()) {
      putText(out, variable.key());
      out.put((byte) variable.dtype().number()).put((byte) variable.shape().rank());
      for (long dim : variable.shape().dims()) {
        out.putLong(dim);
      }
    }
    out.putInt(slices.size());
    for (StoredSlice slice : slices) {
      out.putInt(Objects.requireNonNull(numbers.get(slice.variable())));
      for (int i = 0; i < slice.slice().rank(); i++) {
        out.putLong(slice.slice().start(i)).putLong(slice.slice().length(i));
      }
      out.putLong(slice.offset()).putLong(slice.size()).putInt(slice.crc32c());
    }
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  /**
   * Decodes bytes of {@link #encode}. Nothing is allocated from an unchecked length.
   *
   * @throws IllegalArgumentException if the bytes are not a report
   */
  public static ShardReport decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    try {
      check(in.getInt() == MAGIC, "it does not start like one");
      String attempt = getText(in);
      int shard = in.getInt();
      DataFile file = new DataFile(getText(in), in.getLong(), in.getInt());
      int count = in.getInt();
      check(count >= 0 && count <= in.remaining() / 6, "too many variables: " + count);
      List<VariableSpec> variables = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        String key = getText(in);
        DType dtype = DType.ofNumber(in.get());
        variables.add(new VariableSpec(key, dtype, Shape.of(getLongs(in, in.get() & 0xff))));
      }
      int stored = in.getInt();
      check(stored >= 0 && stored <= in.remaining() / 24, "too many slices: " + stored);
      List<StoredSlice> slices = new ArrayList<>(stored);
      for (int i = 0; i < stored; i++) {
        int number = in.getInt();
        check(number >= 0 && number < count, "no variable " + number);
        slices.add(getSlice(in, variables.get(number), shard));
      }
      check(!in.hasRemaining(), in.remaining() + " bytes too many");
      return new ShardReport(attempt, shard, file, slices);
    } catch (java.nio.BufferUnderflowException e) {
      throw new IllegalArgumentException("Cannot read a shard report: it is cut short", e);
    }
  }

  private static StoredSlice getSlice(ByteBuffer in, VariableSpec variable, int shard) {
    int rank = variable.shape().rank();
    long[] starts = new long[rank];
    long[] lengths = new long[rank];
    for (int d = 0; d < rank; d++) {
      starts[d] = in.getLong();
      lengths[d] = in.getLong();
    }
    return new StoredSlice(
        variable, Slice.of(starts, lengths), shard, in.getLong(), in.getLong(), in.getInt());
  }

  private static long[] getLongs(ByteBuffer in, int count) {
    check(count <= MAX_RANK && count <= in.remaining() / Long.BYTES, "rank " + count);
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = in.getLong();
    }
    return values;
  }

  private static void putText(ByteBuffer out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.putInt(bytes.length).put(bytes);
  }

  private static String getText(ByteBuffer in) {
    int length = in.getInt();
    check(length >= 0 && length <= in.remaining(), "a text of " + length + " bytes");
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static void check(boolean good, String what) {
    if (!good) {
      throw new IllegalArgumentException("Cannot read a shard report: " + what);
    }
  }
}
