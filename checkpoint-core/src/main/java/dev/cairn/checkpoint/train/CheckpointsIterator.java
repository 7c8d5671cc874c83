package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A folder's newest checkpoints as they come. Looks once a second; belongs to one thread. */
final class CheckpointsIterator implements Iterator<String> {
  private static final System.Logger LOG = System.getLogger(CheckpointsIterator.class.getName());
  private static final Duration POLL = Duration.ofSeconds(1);

  /**
   * A checkpoint as it was found; saved once more under the same name, it is another.
   *
   * @param path its prefix
   * @param length bytes of its index
   * @param modifiedMillis when that was written
   */
  private record Found(String path, long length, long modifiedMillis) {}

  private final String directory;
  private final FolderOptions options;
  private final Duration minInterval;
  private final @Nullable Duration timeout;
  private final @Nullable BooleanSupplier timeoutFn;
  private final Waiter waiter;
  private @Nullable Found last;
  private @Nullable Found next;
  private @Nullable Instant handedOut;
  private boolean ended;

  CheckpointsIterator(
      String directory,
      FolderOptions options,
      Duration minInterval,
      @Nullable Duration timeout,
      @Nullable BooleanSupplier timeoutFn,
      Waiter waiter) {
    this.directory = directory;
    this.options = options;
    this.minInterval = minInterval;
    this.timeout = timeout;
    this.timeoutFn = timeoutFn;
    this.waiter = waiter;
  }

  /**
   * Waits for a checkpoint that is not the one that was handed out last.
   *
   * @return whether there is one; false after the time-out, or when the thread was interrupted
   */
  @Override
  public boolean hasNext() {
    try {
      if (handedOut != null && next == null) {
        pause(handedOut);
        handedOut = null;
        ended |= timeoutFn != null && timeoutFn.getAsBoolean();
      }
      while (next == null && !ended) {
        next = await(last, timeout);
        ended = next == null && (timeoutFn == null || timeoutFn.getAsBoolean());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      ended = true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return next != null;
  }

  private void pause(Instant since) throws InterruptedException {
    Duration rest = Duration.between(waiter.now(), since.plus(minInterval));
    if (!rest.isNegative() && !rest.isZero()) {
      waiter.await(rest);
    }
  }

  @Override
  public String next() {
    if (!hasNext()) {
      throw new NoSuchElementException("no newer checkpoint came in time: " + directory);
    }
    Found found = next;
    last = found;
    next = null;
    handedOut = waiter.now();
    return found == null ? "" : found.path();
  }

  /** Waits for the first checkpoint that is not this one; null if none came in time. */
  static @Nullable String await(
      String directory,
      FolderOptions options,
      @Nullable String not,
      @Nullable Duration timeout,
      Waiter waiter)
      throws IOException, InterruptedException {
    CheckpointsIterator iterator =
        new CheckpointsIterator(directory, options, Duration.ZERO, timeout, null, waiter);
    Found found = iterator.look();
    boolean same = found != null && found.path().equals(not);
    Found newer = found != null && !same ? found : iterator.await(found, timeout);
    return newer == null ? null : newer.path();
  }

  /** The last look is at the very end of the time. */
  private @Nullable Found await(@Nullable Found not, @Nullable Duration time)
      throws IOException, InterruptedException {
    Instant end = time == null ? null : waiter.now().plus(time);
    while (true) {
      Found found = look();
      if (found != null && !found.equals(not)) {
        return found;
      }
      Duration rest = end == null ? POLL : Duration.between(waiter.now(), end);
      if (rest.isNegative() || rest.isZero()) {
        return null;
      }
      waiter.await(rest.compareTo(POLL) < 0 ? rest : POLL);
    }
  }

  private @Nullable Found look() throws IOException {
    String full = CheckpointStores.qualify(directory, options.hadoopProperties());
    try (CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties())) {
      StateFolder folder = new StateFolder(store, full);
      Optional<StateFolder.Read> read = folder.read();
      if (read.isEmpty()) {
        return null;
      }
      String latest = read.get().state().latest();
      Optional<StoredFile> index = store.stat(folder.full(latest) + ".index");
      return index
          .map(
              file ->
                  new Found(
                      Checkpoints.shown(directory, latest), file.length(), file.modifiedMillis()))
          .orElse(null);
    } catch (Corrupt e) {
      // Where replacing a file is not one step, it may be whole at the next look.
      LOG.log(System.Logger.Level.WARNING, e.getMessage());
      return null;
    }
  }
}
