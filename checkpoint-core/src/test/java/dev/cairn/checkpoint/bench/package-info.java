/** JMH benchmarks of the core's kernels; each class says how to run it. */
package dev.cairn.checkpoint.bench;
