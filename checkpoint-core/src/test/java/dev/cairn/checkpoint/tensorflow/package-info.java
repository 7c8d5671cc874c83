/**
 * Tests against a real TensorFlow, and the environment they run it in ({@link
 * dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment}), which other modules' tests share.
 */
package dev.cairn.checkpoint.tensorflow;
