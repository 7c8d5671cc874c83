/**
 * The access to storage: the calls that a checkpoint needs, and nothing else.
 *
 * <p>{@link dev.cairn.checkpoint.store.CheckpointStore} is the seam. Everything above it (commit,
 * retention, the readers and writers) is written against these calls only, so that a test can make
 * each of them fail, or crash, in turn. Two implementations stand behind {@link
 * dev.cairn.checkpoint.store.CheckpointStores#open}:
 *
 * <ul>
 *   <li>a local one over {@code java.nio} for {@code file:} paths: Hadoop's local file system falls
 *       back to copying when a rename fails and leaves {@code .crc} files, this one does neither,
 *       and it syncs directories too;
 *   <li>one over Hadoop's {@code FileContext} for HDFS and all other schemes. {@code
 *       FileSystem.rename} moves a directory <em>into</em> an existing target; {@code FileContext}
 *       refuses, which is what the commit needs.
 * </ul>
 *
 * <p>Invariants of the room: a file is created with overwrite off and its parent must exist (a
 * writer whose attempt was given up cannot bring its folder back); a rename never replaces
 * anything, except {@link dev.cairn.checkpoint.store.CheckpointStore#replace}, which is for
 * TensorFlow's {@code checkpoint} text file alone; every failure is a {@link
 * dev.cairn.checkpoint.model.CheckpointException} that says what to do.
 *
 * <p>Start with {@link dev.cairn.checkpoint.store.CheckpointStore}, then {@link
 * dev.cairn.checkpoint.store.CheckpointFileNames} for the names on disk.
 */
@NullMarked
package dev.cairn.checkpoint.store;

import org.jspecify.annotations.NullMarked;
