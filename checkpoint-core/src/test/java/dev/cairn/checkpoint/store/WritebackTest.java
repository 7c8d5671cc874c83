package dev.cairn.checkpoint.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A failure in the background is an error of the writer: the kernel reports it only once. */
class WritebackTest {

  @TempDir Path folder;

  private FileChannel channel() throws IOException {
    return FileChannel.open(
        folder.resolve("file"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  @Test
  void aFailedPassIsToldAtTheSync() throws Exception {
    FileChannel channel = channel();
    Writeback writeback = new Writeback(channel);
    channel.close();
    writeback.advance(Writeback.INTERVAL_BYTES);
    assertThrows(ClosedChannelException.class, writeback::finish);
  }

  @Test
  void aPassThatWentWellIsNoError() throws Exception {
    try (FileChannel channel = channel()) {
      Writeback writeback = new Writeback(channel);
      writeback.finish();
      writeback.advance(Writeback.INTERVAL_BYTES - 1);
      writeback.advance(1);
      writeback.finish();
      writeback.finish();
      assertEquals(0, channel.size());
    }
  }
}
