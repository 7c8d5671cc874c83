/**
 * TensorFlow's checkpoint format V2, "TensorBundle": bytes in, bytes out, no file is opened here.
 *
 * <p>A checkpoint with prefix {@code p} and N data files is {@code p.index} and {@code
 * p.data-00000-of-0000N} and so on. All numbers are little-endian.
 *
 * <p><b>Data files</b> are payloads one after the other, without header or footer. A payload is the
 * row-major elements of a tensor or of a slice of one, as wide as {@link
 * dev.cairn.checkpoint.model.DType#elementBytes} says (a byte for types of 4 and 2 bits); of
 * strings it is what {@link dev.cairn.checkpoint.bundle.StringTensor} says.
 *
 * <p><b>The index</b> is a LevelDB table ({@link dev.cairn.checkpoint.bundle.TableWriter}): blocks
 * of entries whose keys share prefixes, each followed by one byte of type (0: plain, the only one
 * that is written; 1: Snappy, read too) and the {@linkplain dev.cairn.checkpoint.bundle.MaskedCrc
 * masked} CRC32C of block and type; an empty metaindex block; an index block with one entry a
 * block; 48 bytes of footer that end in the magic number {@code DB4775248B80FB57}. Its entries, by
 * key:
 *
 * <ul>
 *   <li>the empty key: the header (number of data files, byte order, version);
 *   <li>keys that begin with a zero byte: one a slice ({@link
 *       dev.cairn.checkpoint.bundle.SliceKey}), with dtype, the slice's shape, data file, offset,
 *       size and checksum;
 *   <li>names: one a tensor, the same for a tensor in one piece; a tensor in slices lists them and
 *       has nothing else.
 * </ul>
 *
 * <p><b>The state file</b> {@code checkpoint} ({@link dev.cairn.checkpoint.bundle.CheckpointState})
 * names the newest checkpoint of a folder.
 *
 * <p>Start with {@link dev.cairn.checkpoint.bundle.BundleIndex}. Tests compare this description
 * with files that TensorFlow wrote and with files that TensorFlow reads.
 */
@NullMarked
package dev.cairn.checkpoint.bundle;

import org.jspecify.annotations.NullMarked;
