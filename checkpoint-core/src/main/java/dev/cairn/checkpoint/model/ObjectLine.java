package dev.cairn.checkpoint.model;

import java.util.List;
import java.util.Optional;

/**
 * A line of a checkpoint's object graph, shown as a tree from top to bottom.
 *
 * @param depth 0 for the objects to which the root leads
 * @param name the name of the edge that leads here, of a slot with its optimizer, or of an
 *     attribute
 * @param key the key under which its tensor is stored; empty for an object that has none
 * @param elsewhere its first edges to objects that stand in other places of the tree, as {@code
 *     edge = path}
 * @param others the number of its other edges of that kind
 */
public record ObjectLine(
    int depth, String name, Optional<String> key, List<String> elsewhere, int others) {
  /** Copies the list. */
  public ObjectLine {
    elsewhere = List.copyOf(elsewhere);
  }
}
