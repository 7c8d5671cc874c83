/**
 * TensorFlow's SavedModel: a model that others load and call, in any language and without its
 * program.
 *
 * <p>A folder of one is {@code saved_model.pb} (graph, functions, signatures), {@code variables/}
 * (a bundle as every checkpoint's) and {@code fingerprint.pb}. {@link
 * dev.cairn.checkpoint.savedmodel.Signature} makes a function operation by operation ({@link
 * dev.cairn.checkpoint.savedmodel.Operations}), {@link dev.cairn.checkpoint.savedmodel.RowFeatures}
 * the part that models have in common: rows come in, sums over their features come out. {@link
 * dev.cairn.checkpoint.savedmodel.SavedModelWriter} writes the folder.
 *
 * <p>There are two ways to write one, and this takes both at once. The older is a graph for
 * sessions with a saver ({@code SessionGraph}): TensorFlow Serving, {@code saved_model_cli run} and
 * TensorFlow's other languages run it. The newer is an object graph with functions that variables
 * are bound to ({@code ModelObjects}): {@code tf.saved_model.load} makes objects of it, which have
 * the variables at their edges, and {@code tf.train.Checkpoint(..).restore(folder)} restores from
 * the same bundle along the same edges. A graph for sessions alone would be loaded, too, but as a
 * bag of variables without edges; so would an object graph alone, but by Python only. The functions
 * are there once: the graph calls them.
 *
 * <p>The features of a row are hashed by MurmurHash3, for which TensorFlow has no operation. It is
 * put together of integer operations ({@code HashedNames}), so that columns go in as they are, and
 * the same places come out, bit for bit.
 *
 * <p>The protos are TensorFlow's by package, names and numbers, only the fields that are used, made
 * by protoc of {@code saved_model.proto}; nothing outside this room sees them.
 *
 * <p>Invariants: what is computed is double all through, as it is where rows are scored; every
 * attribute of an operation is written out; no operation has state but the variables. This room
 * stands before the doors of the core, as a program would.
 */
@NullMarked
package dev.cairn.checkpoint.savedmodel;

import org.jspecify.annotations.NullMarked;
