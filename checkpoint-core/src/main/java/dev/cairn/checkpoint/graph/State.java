package dev.cairn.checkpoint.graph;

/**
 * State that is no tensor, such as a position in the data: a few bytes, kept where the graph is
 * made. In Python it is a {@code tf.train.experimental.PythonState}.
 */
public interface State extends Trackable {

  /** The state as bytes. */
  byte[] save();

  /** Takes back what {@link #save} gave. */
  void restore(byte[] saved);
}
