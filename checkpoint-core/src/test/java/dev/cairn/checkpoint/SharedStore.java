package dev.cairn.checkpoint;

import dev.cairn.checkpoint.store.CheckpointStore;

/** One store for many managers: they do not close it. */
public class SharedStore extends ForwardingStore {
  /** Passes calls on to a store. */
  public SharedStore(CheckpointStore store) {
    super(store);
  }

  @Override
  public void close() {}
}
