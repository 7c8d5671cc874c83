package dev.cairn.checkpoint.bundle;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.DType;

/** Any bytes as the index's messages; what is understood is written and understood again (S65). */
class EntryFuzzTest {
  private static final byte[] KEY = {'k', 'e', 'y'};

  @FuzzTest(maxDuration = "10s")
  void anyBytes(byte[] data) throws CheckpointException {
    try {
      int shards = EntryCodec.parseHeader(data, 0, data.length, "fuzz.index").shards();
      byte[] again = EntryCodec.header(shards);
      if (EntryCodec.parseHeader(again, 0, again.length, "again").shards() != shards) {
        throw new AssertionError("another header");
      }
    } catch (CheckpointException expected) {
      // The only way in which bytes may be refused.
    }
    EntryCodec.Entry entry;
    try {
      entry = EntryCodec.parseEntry(KEY, data, 0, data.length, "fuzz.index");
    } catch (CheckpointException expected) {
      return;
    }
    if (entry.dtype() != DType.UNKNOWN) {
      byte[] bytes = EntryCodec.entry(entry);
      EntryCodec.Entry again = EntryCodec.parseEntry(KEY, bytes, 0, bytes.length, "again");
      boolean same =
          entry.slices().isEmpty()
              ? again.equals(entry)
              : again.slices().equals(entry.slices()) && again.shape().equals(entry.shape());
      if (!same) {
        throw new AssertionError("read " + entry + ", wrote " + again);
      }
    }
  }
}
