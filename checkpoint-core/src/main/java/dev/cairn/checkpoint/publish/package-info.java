/**
 * Published models: versions of a model that servers, scoring jobs and the next training find.
 *
 * <pre>
 * MODELS/name/
 *   41/
 *     saved_model.pb           the program: TensorFlow Serving loads the folder as it is
 *     fingerprint.pb
 *     variables/
 *       variables.index        a checkpoint of Cairn's, with its manifest and the optimizer's state:
 *       variables.data-...     links to the files of the run's folder where storage has links
 *       manifest.json
 *     assets.extra/
 *       cairn-version.json     the record: parent, data, figures, gate, who, when
 *   42/
 *   history/40.json            the record of a version that was collected: nobody takes it any more
 *   .reader-41-ID              somebody reads version 41
 *   models.config              only with labels: TensorFlow Serving's configuration
 * </pre>
 *
 * <h2>The protocol</h2>
 *
 * A version is made in a hidden folder beside the others, whose name is no number ({@link
 * dev.cairn.checkpoint.publish.VersionDraft}); every byte in it is compared with a checksum; one
 * rename puts it in place. Numbers only grow, and none is used twice. Two who make a version at the
 * same time have taken the same number, so the rename of the second one finds its place taken:
 * nothing changes, and the second one is told. A version never changes after that.
 *
 * <p>The version in use is that of the highest number, as servers see it; so going back is
 * publishing the old bytes under a new number. Where {@code models.config} is there, the version in
 * use is that of its label {@code stable}, and the file is replaced in one step after the version
 * is in place; who crashes in between finds the version there when the same command comes again.
 * The file notes the newest version that was there when {@code stable} was last moved: a newer one
 * was not decided on yet, of an older one somebody has decided otherwise, and that stays.
 *
 * <p>Whatever changes the folder but for making a draft (the rename, labels, a collection) holds
 * its lock, one session at a time. The rename does not rely on that.
 *
 * <h2>Collection</h2>
 *
 * Versions are deleted on request alone ({@link dev.cairn.checkpoint.publish.ModelFolder#collect}).
 * The record is copied into the history first: from then on the version counts as collected. Then
 * come the look for readers' files, one rename to a hidden name, and the deletion. A reader makes
 * its file first, then looks into the history ({@link dev.cairn.checkpoint.publish.VersionLease}).
 * Each announces, then looks, so they cannot miss each other.
 *
 * <p>{@link dev.cairn.checkpoint.publish.VersionPatch} ships a version as the rows that have
 * changed; {@link dev.cairn.checkpoint.publish.TensorFlowProcess} asks TensorFlow what one answers;
 * {@link dev.cairn.checkpoint.publish.WrappedVersion} puts one into a folder of another program's
 * layout.
 *
 * <p>Start with {@link dev.cairn.checkpoint.publish.ModelFolder}.
 */
@NullMarked
package dev.cairn.checkpoint.publish;

import org.jspecify.annotations.NullMarked;
