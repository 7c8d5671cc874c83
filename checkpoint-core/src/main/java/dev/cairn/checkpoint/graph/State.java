package dev.cairn.checkpoint.graph;

/**
 * State that is not a tensor, such as a position in the data: a few bytes, kept where the graph is
 * made. In Python it is a {@code tf.train.experimental.PythonState}.
 */
public interface State extends Trackable {

  /** The state as bytes. */
  byte[] save();

  /** Restores the state from bytes that {@link #save} returned. */
  void restore(byte[] saved);
}
