/**
 * The object graph: the one description of what state a program has, as TensorFlow keeps it under
 * {@code _CHECKPOINTABLE_OBJECT_GRAPH}. This room reads and writes no file.
 *
 * <p>A program's state is objects ({@link dev.cairn.checkpoint.graph.Trackable}) joined by named
 * edges. A {@link dev.cairn.checkpoint.graph.Variable} is numbers, whose bytes may lie on other
 * machines; a {@link dev.cairn.checkpoint.graph.HeldVariable} is one number that lies here; a
 * {@link dev.cairn.checkpoint.graph.MutableVariable} is numbers that lie here and take new values,
 * a {@link dev.cairn.checkpoint.graph.StringsVariable} the same of strings; a {@link
 * dev.cairn.checkpoint.graph.State} is a few bytes of any other kind; a {@link
 * dev.cairn.checkpoint.graph.SlotOwner} is an optimizer, which keeps variables for variables.
 *
 * <p>{@link dev.cairn.checkpoint.graph.ObjectGraph#of} numbers them and gives each variable its
 * key: nothing else makes keys. {@link dev.cairn.checkpoint.graph.Restoration} lays the graph of a
 * program over the graph that is stored and says what fits, before one value is read. Both graphs
 * are walked from their roots along edges of the same name, as TensorFlow does it: a key gives the
 * place of a tensor, and never its identity. {@link dev.cairn.checkpoint.graph.Arrivals} has what
 * is stored for objects that the program gets later; a {@link dev.cairn.checkpoint.graph.Growing}
 * object reports when they come.
 *
 * <p>Objects are told apart by identity, not by {@code equals}. Nothing is loaded or made by
 * reflection.
 */
@NullMarked
package dev.cairn.checkpoint.graph;

import org.jspecify.annotations.NullMarked;
