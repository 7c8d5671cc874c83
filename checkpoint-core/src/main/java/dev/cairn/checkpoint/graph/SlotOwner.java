package dev.cairn.checkpoint.graph;

import java.util.List;

/** An optimizer, which keeps variables of its own for variables of a model. */
public interface SlotOwner extends Trackable {

  /** The slots that it keeps for variables that are in the same graph. */
  List<Slot> slots();
}
