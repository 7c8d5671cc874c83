package dev.cairn.checkpoint;

import dev.cairn.checkpoint.store.CheckpointStore;

/** One store for many managers: they do not close it. */
class SharedStore extends ForwardingStore {
  SharedStore(CheckpointStore store) {
    super(store);
  }

  @Override
  public void close() {}
}
