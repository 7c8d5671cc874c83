package dev.cairn.checkpoint;

import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoreInput;
import dev.cairn.checkpoint.store.StoreOutput;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Hands every call on; tests override the ones they care about. */
public class ForwardingStore implements CheckpointStore {

  /** Where calls go. */
  protected final CheckpointStore store;

  /** Passes calls on to a store. */
  public ForwardingStore(CheckpointStore store) {
    this.store = store;
  }

  @Override
  public StoreOutput create(String path) throws IOException {
    return store.create(path);
  }

  @Override
  public StoreInput open(String path) throws IOException {
    return store.open(path);
  }

  @Override
  public Optional<StoredFile> stat(String path) throws IOException {
    return store.stat(path);
  }

  @Override
  public List<StoredFile> list(String directory) throws IOException {
    return store.list(directory);
  }

  @Override
  public void makeDirectories(String path) throws IOException {
    store.makeDirectories(path);
  }

  @Override
  public void makeDirectory(String path) throws IOException {
    store.makeDirectory(path);
  }

  @Override
  public void rename(String from, String to) throws IOException {
    store.rename(from, to);
  }

  @Override
  public void replace(String from, String to) throws IOException {
    store.replace(from, to);
  }

  @Override
  public boolean link(String file, String name) throws IOException {
    return store.link(file, name);
  }

  @Override
  public boolean delete(String path) throws IOException {
    return store.delete(path);
  }

  @Override
  public void touch(String path) throws IOException {
    store.touch(path);
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
