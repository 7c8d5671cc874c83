package dev.cairn.checkpoint.graph;

/**
 * What an optimizer keeps for a variable.
 *
 * @param variable for which
 * @param name as the optimizer calls it, such as {@code momentum}; distinct for a variable
 * @param slot what is kept
 */
public record Slot(Variable variable, String name, Variable slot) {}
