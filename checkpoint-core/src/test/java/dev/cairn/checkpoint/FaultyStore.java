package dev.cairn.checkpoint;

import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreInput;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/**
 * Counts every call to storage, those of open files too, and makes one of them fail ({@link
 * Faults}).
 */
public final class FaultyStore implements CheckpointStore {

  /** What happens at the call. */
  public enum Fault {
    FAIL_BEFORE,
    FAIL_AFTER,
    CRASH_BEFORE,
    CRASH_AFTER
  }

  private final CheckpointStore store;
  private final Faults faults = new Faults();

  /** Passes calls on to a store. */
  public FaultyStore(CheckpointStore store) {
    this.store = store;
  }

  /** Counts calls anew from now on, and lets the call of this number (from 1) fail. */
  public void arm(Fault kind, long call) {
    faults.arm(kind, call);
  }

  /** Counting anew: somebody else acts just before the call of this number. */
  void interrupt(long call, Faults.Action action) {
    faults.interrupt(call, action);
  }

  /** The number of calls so far. */
  public long calls() {
    return faults.calls();
  }

  /** The call that failed. */
  public String hit() {
    return faults.hit();
  }

  private <T> T count(String what, Faults.Call<T> call) throws IOException {
    return faults.count(what, call);
  }

  private void act(String what, Faults.Action action) throws IOException {
    faults.act(what, action);
  }

  @Override
  public StoreOutput create(String path) throws IOException {
    StoreOutput out = count("create " + path, () -> store.create(path));
    return new StoreOutput() {
      @Override
      public void write(ByteBuffer bytes) throws IOException {
        act("write " + path, () -> out.write(bytes));
      }

      @Override
      public void sync() throws IOException {
        act("sync " + path, out::sync);
      }

      @Override
      public void close() throws IOException {
        act("close " + path, out::close);
      }
    };
  }

  @Override
  public StoreInput open(String path) throws IOException {
    StoreInput in = count("open " + path, () -> store.open(path));
    return new StoreInput() {
      @Override
      public long length() {
        return in.length();
      }

      @Override
      public void readFully(long position, ByteBuffer into) throws IOException {
        act("read " + path, () -> in.readFully(position, into));
      }

      @Override
      public void close() throws IOException {
        in.close();
      }
    };
  }

  @Override
  public Optional<StoredFile> stat(String path) throws IOException {
    return count("stat " + path, () -> store.stat(path));
  }

  @Override
  public List<StoredFile> list(String directory) throws IOException {
    return count("list " + directory, () -> store.list(directory));
  }

  @Override
  public void makeDirectories(String path) throws IOException {
    act("mkdirs " + path, () -> store.makeDirectories(path));
  }

  @Override
  public void makeDirectory(String path) throws IOException {
    act("mkdir " + path, () -> store.makeDirectory(path));
  }

  @Override
  public void rename(String from, String to) throws IOException {
    act("rename " + from + " to " + to, () -> store.rename(from, to));
  }

  @Override
  public void replace(String from, String to) throws IOException {
    act("replace " + from + " to " + to, () -> store.replace(from, to));
  }

  @Override
  public boolean link(String file, String name) throws IOException {
    return count("link " + name, () -> store.link(file, name));
  }

  @Override
  public boolean delete(String path) throws IOException {
    return count("delete " + path, () -> store.delete(path));
  }

  /** Touches a file. This is not counted: the sign of life comes by the clock. */
  @Override
  public void touch(String path) throws IOException {
    store.touch(path);
  }

  @Override
  public void close() {}
}
