/**
 * TensorFlow's {@code tf.train} in Java: the state of a program's objects in files that TensorFlow
 * reads and writes as well. The names and verbs mean what they mean there.
 *
 * <pre>{@code
 * Checkpoint checkpoint = new Checkpoint(model);
 * String path = checkpoint.save("/tmp/run/model");        // /tmp/run/model-1
 * new Checkpoint(another).restore(path).assertConsumed();
 * }</pre>
 *
 * <p>Start with {@link dev.cairn.checkpoint.train.Checkpoint}. Values are {@link
 * dev.cairn.checkpoint.train.ArrayVariable} over arrays that the program has, {@link
 * dev.cairn.checkpoint.train.StringVariable}, {@link dev.cairn.checkpoint.train.Counter}, and
 * {@link dev.cairn.checkpoint.graph.State} for anything else. {@link
 * dev.cairn.checkpoint.train.TrackableList}, {@link dev.cairn.checkpoint.train.TrackableMap} and
 * {@link dev.cairn.checkpoint.train.TrackableTuple} hold several; classes of one's own extend
 * {@link dev.cairn.checkpoint.train.AutoTrackable}, or implement {@link
 * dev.cairn.checkpoint.graph.Trackable}.
 *
 * <p>What holds: a checkpoint is complete and durable before its path is returned, and what was
 * there under the same prefix stays whole until then; a restore changes all that fits or, if
 * anything stored is damaged or of another shape or dtype, nothing; every byte is checked; what did
 * not match is told by the status that {@code restore} returns.
 *
 * <p>{@link dev.cairn.checkpoint.train.CheckpointManager} saves into one folder, keeps some
 * checkpoints and deletes the others. Who reads what others write uses the functions of {@link
 * dev.cairn.checkpoint.train.Checkpoints}, and {@link dev.cairn.checkpoint.train.CheckpointView} to
 * walk a stored graph. The state file {@code checkpoint} is TensorFlow's; what it has no room for
 * lies beside it in {@code checkpoint.cairn.json}.
 *
 * <p>Behind {@code CheckpointManager}: {@code ManagedCheckpoints} decides, by {@code KeepRules} and
 * without I/O; {@code ManagerFolder} reads, writes and deletes; {@code ManagerRecovery} is what a
 * new manager finds. Nothing outside of the folder is ever deleted.
 *
 * <p>Behind {@code Checkpoint}: {@code Image} is what is written, {@code Session} is one restore
 * and what it still has for objects to come, {@code Background} writes while the program goes on.
 */
@NullMarked
package dev.cairn.checkpoint.train;

import org.jspecify.annotations.NullMarked;
