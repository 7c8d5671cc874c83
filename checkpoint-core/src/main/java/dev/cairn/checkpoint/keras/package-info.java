/**
 * The state of Keras 3 models and optimizers: the variables that they have, in Keras's order, under
 * the edges that Keras 3.15 gives them. So {@code tf.train.Checkpoint} restores into a model in
 * Python what was saved of the same model here, and the other way round.
 *
 * <p>State only: nothing here computes, so activations, losses and the like, which have none, are
 * left out. Variables are arrays ({@link dev.cairn.checkpoint.train.ArrayVariable}) in which a
 * program may compute.
 *
 * <p>Start with {@link dev.cairn.checkpoint.keras.Sequential}. Empty containers that Keras tracks
 * are left out: nothing restores from them.
 */
@NullMarked
package dev.cairn.checkpoint.keras;

import org.jspecify.annotations.NullMarked;
