package dev.cairn.spark.optimizer;

/**
 * Adam with decoupled weight decay: I. Loshchilov, F. Hutter, "Decoupled Weight Decay
 * Regularization", ICLR 2019. As in Keras it is {@link Adam}, whose weight decay is there whether
 * it is asked for or not.
 */
final class AdamW {
  static final OptimizerKind KIND = new OptimizerKind("adamw", 0.001, 0.004, false, Adam::of);

  private AdamW() {}
}
