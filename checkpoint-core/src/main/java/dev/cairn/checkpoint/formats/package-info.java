/**
 * Files of other programs, in which tensors have names: Keras's {@code .weights.h5} and {@code
 * .keras}, safetensors, NumPy's {@code .npz}. Each is read and written as a stream.
 *
 * <p>{@link dev.cairn.checkpoint.formats.TensorFiles} is the door: it opens a file by its ending
 * and writes one. {@link dev.cairn.checkpoint.formats.TensorSource} is what all of them, and a
 * checkpoint, look like: tensors in an order, each handed out piece by piece. {@link
 * dev.cairn.checkpoint.formats.CheckpointTensors} shows a checkpoint so, {@link
 * dev.cairn.checkpoint.formats.BundleImport} makes one out of any source. Then there is a class to
 * read and a class to write each format.
 *
 * <p>Names: that of a tensor of a checkpoint is the path of its edges joined by slashes, without
 * what TensorFlow's keys add ({@code model/layer/kernel} for {@code
 * model/layer/kernel/.ATTRIBUTES/VARIABLE_VALUE}; a slot is {@code
 * kernel/.OPTIMIZER_SLOT/optimizer/momentum}). Keras's files have {@code layers/dense/vars/0}.
 *
 * <p>Invariants: memory is bounded, whatever the size of a tensor, by some MiB and what the names
 * take; the exceptions (arrays in Fortran's order, compressed HDF5) say so. A file appears under
 * its name when it is whole. What is read is checked before it is believed: nothing is allocated
 * from a number of a file that was not compared with the file's length. No class is loaded because
 * a file names one (I9). A type that a format lacks is refused, not converted; NumPy's file alone
 * gets the bfloat16 that it lacks as the float32 of the same value.
 */
@NullMarked
package dev.cairn.checkpoint.formats;

import org.jspecify.annotations.NullMarked;
