/**
 * The deletion of checkpoints that are no longer wanted: policy decides, cleaner acts.
 *
 * <p>{@link dev.cairn.checkpoint.retention.RetentionPolicy} takes a list and hands back a list; it
 * touches nothing. {@link dev.cairn.checkpoint.retention.CheckpointExpiry} asks it after each
 * commit. {@link dev.cairn.checkpoint.retention.CheckpointCleaner} is the one that deletes, by
 * {@link dev.cairn.checkpoint.retention.FolderTree}. A committed checkpoint is first renamed to a
 * hidden name, in one atomic step, and so loses its manifest's place before it loses a byte; then
 * its files go one by one. A crash leaves either a whole checkpoint that is listed, or a hidden
 * rest that is not, and the next pass finishes the rest. The newest checkpoint is never deleted.
 *
 * <p>{@link dev.cairn.checkpoint.retention.PrefixFiles} are checkpoints under a prefix of
 * TensorFlow's, which have no folder to be hidden: their index goes first.
 *
 * <p>Orphans are files and folders that no checkpoint names: staging directories whose session is
 * dead, hidden rests, state files never put in place, checkpoints set aside as damaged. A name that
 * is not ours to the letter, or a link, is never touched.
 */
@NullMarked
package dev.cairn.checkpoint.retention;

import org.jspecify.annotations.NullMarked;
