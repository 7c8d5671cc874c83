/**
 * Bytes on their way between storage and arrays.
 *
 * <p>{@link dev.cairn.checkpoint.io.OpenCheckpoint} is a checkpoint's manifest and index, checked
 * against each other; {@link dev.cairn.checkpoint.io.DataFiles} opens its files. {@link
 * dev.cairn.checkpoint.io.RegionReader} reads regions of variables by a plan, file by file ({@code
 * SliceReader}), a large slice by several threads ({@code SharedSlice}), cut into what is
 * contiguous in a slice and in a region ({@code Bands}, {@code BoxCopy}), into a {@link
 * dev.cairn.checkpoint.io.RegionSink}. {@link dev.cairn.checkpoint.io.VariableCursor} walks through
 * one variable from its first element to its last, and {@link dev.cairn.checkpoint.io.FileVerifier}
 * through one file. These and the writer share {@link dev.cairn.checkpoint.io.AlignedBuffers},
 * {@link dev.cairn.checkpoint.io.Crc32cCombiner}.
 *
 * <p>Invariants: no byte is handed out before its slice's checksum was compared, or, where a slice
 * is too large to be held, what was handed out is taken back or called uncertain until it was (I7).
 * Memory is bounded, whatever the size of a slice (I8). Whether a checkpoint is there, and which
 * one is meant, is decided elsewhere: this room imports the values, the format and the store alone.
 *
 * <p>Start with {@link dev.cairn.checkpoint.io.OpenCheckpoint}, then {@link
 * dev.cairn.checkpoint.io.RegionReader}.
 */
@NullMarked
package dev.cairn.checkpoint.io;

import org.jspecify.annotations.NullMarked;
