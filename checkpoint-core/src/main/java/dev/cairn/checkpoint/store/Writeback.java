package dev.cairn.checkpoint.store;

import dev.cairn.checkpoint.concurrent.NamedThreads;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.channels.FileChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Sends written bytes to the disk while more are written; otherwise the disk has nothing to do
 * until the sync at the end. There is one pass at a time, each on a thread of its own, so that
 * small files need none. Not thread-safe.
 *
 * <p>The kernel reports a failed write only once: a pass that fails is an error of {@link #advance}
 * or {@link #finish}, whichever comes next.
 */
final class Writeback {

  /** The bytes between two passes; each pass costs a commit of the file system's journal. */
  static final long INTERVAL_BYTES = 32L << 20;

  private final FileChannel channel;
  private long unsynced;
  private @Nullable FutureTask<Void> pass;

  Writeback(FileChannel channel) {
    this.channel = channel;
  }

  /** Counts bytes that were written, and starts a pass if one is due. */
  void advance(long bytes) throws IOException {
    unsynced += bytes;
    if (unsynced < INTERVAL_BYTES || (pass != null && !pass.isDone())) {
      return;
    }
    finish();
    unsynced = 0;
    FutureTask<Void> next =
        new FutureTask<>(
            () -> {
              channel.force(false);
              return null;
            });
    pass = next;
    NamedThreads.start("cairn-writeback", next);
  }

  /** Waits for the pass that is under way, if there is one. */
  void finish() throws IOException {
    FutureTask<Void> last = pass;
    pass = null;
    if (last == null) {
      return;
    }
    try {
      last.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("Interrupted while bytes were on their way to the disk");
    }
  }
}
