package dev.cairn.jobs.bench;

import dev.cairn.checkpoint.train.Checkpoint;

/** A restore in a tight heap, into variables that have no arrays yet. */
final class TensorFlowMemory {
  private TensorFlowMemory() {}

  /**
   * Arguments: a tiny checkpoint, the checkpoint, how many variables it has, and how many rows each
   * has. Prints KiB that the process grew, and of the heap's objects beside the arrays.
   */
  public static void main(String[] arguments) throws Exception {
    // The tiny one first: what classes and threads take is not the restore's.
    EqualVariables few = new EqualVariables(4, 1);
    few.empty().read(arguments[0]).assertConsumed();
    EqualVariables variables =
        new EqualVariables(Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]));
    Checkpoint program = variables.empty();
    long before = ProcessMemory.resetPeak();
    program.read(arguments[1]).assertConsumed();
    long grown = ProcessMemory.peak() - before;
    long own = (ProcessMemory.live() - variables.bytes()) >> 10;
    if (program.children().size() != variables.count()) { // and they are still in use
      throw new IllegalStateException("variables are gone");
    }
    System.out.println("@memory " + grown + " " + own);
    System.exit(0);
  }
}
