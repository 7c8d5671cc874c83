package dev.cairn.checkpoint.graph;

/**
 * A variable that an optimizer keeps for another variable, such as a momentum.
 *
 * @param variable the variable that the slot is for
 * @param name the optimizer's name for it, such as {@code momentum}; distinct for a variable
 * @param slot the variable that is kept
 */
public record Slot(Variable variable, String name, Variable slot) {}
