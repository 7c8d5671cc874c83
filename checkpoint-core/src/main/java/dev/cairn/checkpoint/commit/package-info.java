/**
 * The commit of a checkpoint: the manifest, the commit protocol, and the right to write.
 *
 * <h2>The protocol</h2>
 *
 * <ol>
 *   <li><b>Begin.</b> The session puts an owner file into the run's folder ({@link
 *       dev.cairn.checkpoint.commit.OwnerLease}) and makes {@code .staging-STEP-ATTEMPT}, a name
 *       that no other attempt has.
 *   <li><b>Write.</b> Every shard's writer, and that of the object graph's file, creates its one
 *       data file there, overwrite off and without making folders, syncs and closes it, and reports
 *       length, checksums and slices. A second writer of the same shard is refused by the name; one
 *       whose attempt is over finds no folder.
 *   <li><b>Prepare</b> ({@link dev.cairn.checkpoint.commit.ManifestCommitter#prepare}): the reports
 *       cover every element of every variable exactly once, the files are there in their reported
 *       lengths; then index and manifest are written and synced; then the session looks whether its
 *       owner file is still there, since a session that takes a folder over deletes it first
 *       ({@code Fenced} if not). All that can fail, fails here.
 *   <li><b>Commit</b>: one rename of the directory to {@code ckpt-STEP}. If its answer is lost, the
 *       committer looks: the target with this attempt's manifest is success; a staging directory
 *       that could be moved aside is failure (the late rename then finds nothing to move);
 *       otherwise {@code StateUnknown}, and nothing is deleted.
 *   <li><b>After</b>: the {@code checkpoint} state file for TensorFlow is replaced, then old
 *       checkpoints expire. Nothing of this can make the commit fail; it is mended at the next one.
 * </ol>
 *
 * Expiry does not wait for readers: a reader whose checkpoint goes gets a NotFound that says so,
 * and finds a newer one. A {@code tf.train.CheckpointManager} on the same folder adopts what the
 * state file lists, and when it keeps fewer it deletes index and data of ours and leaves the
 * manifest: such a checkpoint is a damaged one, which {@code newestGood} passes over.
 *
 * <p>A step is committed once. Replacing it (a damaged one, say) commits {@code ckpt-STEP-2} by the
 * same one rename; the older directory stays whole until after that.
 *
 * <h2>The manifest, version 3.0</h2>
 *
 * {@code manifest.json} is UTF-8 JSON with two-space indents and {@code \n} line ends:
 *
 * <pre>
 * format        "cairn-checkpoint"
 * version       "major.minor"; a reader refuses any major but its own, and reads any minor
 * step          the step whose state this is
 * committed     wall time, ISO-8601 UTC
 * attempt       the try that succeeded
 * application   who wrote it; may be empty
 * parent        optional: the checkpoint from which the run went on
 * training      optional: seed, step, data (epoch, batch, batchesPerEpoch, partitions, rows,
 *               fingerprint), optionally model (kind, settings), optimizer (name, hyperparameters, optional schedule of its rate,
 *               optional variables: by their names those that have another one, and which), metrics, configuration; optionally featureScales: how numeric features were standardised, base64 as
 *               FeatureScales.encode says; where Cairn made the features, features: derived (name,
 *               sql, optional type), categorical, numeric, crosses (lists of columns), size, nulls
 *               ("absent"), label (sql, optional positive), optional offset (sql), optional types
 *               (by column, as ColumnType names them); where rows were kept to judge on, test: rows, positive,
 *               logLoss, optional auc, threshold, optional precision, recall, f1, calibration (a
 *               list: tenth, rows, positive, probabilities, predicted, hits, as BinaryFigures says);
 *               of a model without probabilities rows, loss, accuracy, f1, optional auc, classes (a
 *               list: rows, predicted, hits), of one of numbers rows, loss, meanSquaredError,
 *               meanAbsoluteError, optional r2
 * contents      variables, slices, bytes
 * index         name, length, crc32c of the bundle's index
 * files         the data files: one a shard, in their order, and after them that of the object
 *               graph; each name, length, crc32c
 * phaseMillis   how long each phase of the save took
 * crc32c        the last line: checksum of this file's bytes with these 8 digits read as zeros
 * </pre>
 *
 * Checksums are CRC32C, unmasked, 8 lower-case hex digits. All fields but the ones called optional
 * must be there; unknown fields are ignored. Every major version keeps the last line and {@code
 * version}, so that a program can tell "older" and "newer" from "damaged". Version 2 had the
 * model's variables at the root of the object graph, and the position in the data in the manifest
 * alone; version 1 had no file of the object graph, and the step beside the variables of shard 0.
 *
 * <p>Start with {@link dev.cairn.checkpoint.commit.ManifestCommitter}.
 */
@NullMarked
package dev.cairn.checkpoint.commit;

import org.jspecify.annotations.NullMarked;
