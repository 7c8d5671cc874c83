/**
 * Sharded, atomic TensorFlow checkpoints for any JVM program: the classes that users call.
 *
 * <p>A checkpoint is a directory that TensorFlow opens as {@code <dir>/ckpt-STEP/variables} and
 * that exists if and only if its {@code manifest.json} is in place. Writing one from several
 * machines:
 *
 * <pre>{@code
 * // where the decisions are made
 * CheckpointFolder folder = CheckpointFolder.open("hdfs://nn/runs/a", options);
 * PendingCheckpoint pending = folder.begin(step, shards);
 * String target = pending.target(shard).encode();       // to the machine of the shard
 *
 * // where the values are
 * try (ShardWriter writer = ShardWriter.create(ShardTarget.decode(target), options)) {
 *   writer.write(variable, Slice.rows(first, count, 2), values, 0, values.length);
 *   byte[] report = writer.finish().encode();            // back to the first machine
 * }
 *
 * pending.report(ShardReport.decode(report));
 * CommittedCheckpoint checkpoint = pending.commit(state, applicationId, phaseMillis);
 * }</pre>
 *
 * <p>One more shard may be written where the decisions are made ({@link
 * dev.cairn.checkpoint.PendingCheckpoint#writer}): that of the object graph, by which TensorFlow
 * restores, and of the counters and states that no other machine holds.
 *
 * <p>Reading: {@link dev.cairn.checkpoint.CheckpointFolder#newestGood} finds the newest one of
 * which every byte is good, {@link dev.cairn.checkpoint.CheckpointReader} reads any part of it on
 * any number of machines. {@link dev.cairn.checkpoint.CheckpointVerifier} lists damages and {@link
 * dev.cairn.checkpoint.CheckpointDiff} compares. {@link dev.cairn.checkpoint.CoefficientReader}
 * reads a model's coefficients and factors. {@link dev.cairn.checkpoint.BundleCopy} gives
 * TensorFlow the files in another folder. {@link dev.cairn.checkpoint.FolderReplacement} replaces
 * any folder as a whole, old or new whatever fails; {@link dev.cairn.checkpoint.HiddenFolder} is
 * where files are written before they get their names; {@link dev.cairn.checkpoint.Folders}
 * interprets paths.
 *
 * <p>Guarantees: a crash at any call leaves the last committed checkpoint whole; nothing ever
 * changes a committed one; every byte is checked before it is handed out; memory is bounded,
 * whatever the size of a shard; reading loads no classes.
 *
 * <p>In one process, {@code dev.cairn.checkpoint.train} has the verbs of {@code tf.train} for the
 * objects of a program; {@link dev.cairn.checkpoint.BundleWriter} writes under a prefix of
 * TensorFlow's, without a manifest.
 *
 * <p>Behind {@code CheckpointFolder}: {@code CheckpointFinder} looks for what is committed, {@code
 * FolderClaim} keeps other sessions out. Behind {@code CheckpointReader}: {@code CheckpointOpener}
 * reads manifest and index. The rooms behind the doors: {@code model} (the values), {@code bundle}
 * (TensorFlow's format), {@code graph} (the state of a program and its keys), {@code store} (the
 * calls to storage), {@code concurrent} (threads), {@code io} (bytes on their way between storage
 * and arrays), {@code commit} (the protocol and the manifest, described there), {@code retention}
 * (the deletion of old checkpoints). {@code formats}, which uses the doors itself, is for files of
 * other programs.
 */
@NullMarked
package dev.cairn.checkpoint;

import org.jspecify.annotations.NullMarked;
