/**
 * The programs that users run, by {@code jobs/cairn} or by their own {@code spark-submit}: thin
 * mains over {@code dev.cairn.spark.ml} (training) and {@code dev.cairn.checkpoint} (checkpoints).
 *
 * <p>{@link dev.cairn.jobs.Main} reads the command line and turns every end into an exit code: 0
 * good, 1 if compared checkpoints differ or a verified one is damaged, 2 trouble (with one line
 * that says what, where, expected, found, what to do), and 128 + the signal's number when a signal
 * stopped training after it saved.
 *
 * <p>Rooms: {@code config} every key, once. {@code data} files to checked feature vectors. {@code
 * show} units, tables, progress line, curve. {@code cli} the verbs. Nothing imports from {@code
 * cli}, and {@code show} imports none of the others.
 */
@NullMarked
package dev.cairn.jobs;

import org.jspecify.annotations.NullMarked;
