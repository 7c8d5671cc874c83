package dev.cairn.checkpoint.graph;

import java.util.List;

/** An optimizer: keeps variables of its own for variables of a model. */
public interface SlotOwner extends Trackable {

  /** What it keeps, for the variables that are in the same graph. */
  List<Slot> slots();
}
