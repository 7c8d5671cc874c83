package dev.cairn.checkpoint;

import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreInput;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** Counts what is asked of storage. Thread-safe. */
final class CountingStore extends ForwardingStore {

  private final List<String> opened = Collections.synchronizedList(new ArrayList<>());
  private final AtomicLong lists = new AtomicLong();
  private final AtomicLong stats = new AtomicLong();
  private final AtomicLong changes = new AtomicLong();
  private final AtomicLong bytesRead = new AtomicLong();

  CountingStore(CheckpointStore store) {
    super(store);
  }

  /**
   * The numbers of calls to storage since the last time.
   *
   * @param lists the number of directories listed
   * @param stats the number of files looked at
   * @param opened the files opened for reading, in order
   * @param bytesRead the number of bytes read of these
   * @param changes the number of calls that change something
   */
  record Counts(long lists, long stats, List<String> opened, long bytesRead, long changes) {}

  /** Hands the counts over and begins anew. */
  Counts drain() {
    Counts counts =
        new Counts(
            lists.getAndSet(0),
            stats.getAndSet(0),
            List.copyOf(opened),
            bytesRead.getAndSet(0),
            changes.getAndSet(0));
    opened.clear();
    return counts;
  }

  @Override
  public StoreInput open(String path) throws IOException {
    opened.add(path);
    StoreInput in = super.open(path);
    return new StoreInput() {
      @Override
      public long length() {
        return in.length();
      }

      @Override
      public void readFully(long position, ByteBuffer into) throws IOException {
        bytesRead.addAndGet(into.remaining());
        in.readFully(position, into);
      }

      @Override
      public void close() throws IOException {
        in.close();
      }
    };
  }

  @Override
  public Optional<StoredFile> stat(String path) throws IOException {
    stats.incrementAndGet();
    return super.stat(path);
  }

  @Override
  public List<StoredFile> list(String directory) throws IOException {
    lists.incrementAndGet();
    return super.list(directory);
  }

  @Override
  public StoreOutput create(String path) throws IOException {
    changes.incrementAndGet();
    return super.create(path);
  }

  @Override
  public void makeDirectories(String path) throws IOException {
    changes.incrementAndGet();
    super.makeDirectories(path);
  }

  @Override
  public void makeDirectory(String path) throws IOException {
    changes.incrementAndGet();
    super.makeDirectory(path);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    changes.incrementAndGet();
    super.rename(from, to);
  }

  @Override
  public void replace(String from, String to) throws IOException {
    changes.incrementAndGet();
    super.replace(from, to);
  }

  @Override
  public boolean delete(String path) throws IOException {
    changes.incrementAndGet();
    return super.delete(path);
  }

  @Override
  public void close() {}
}
