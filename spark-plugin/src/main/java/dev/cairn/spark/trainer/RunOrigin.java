package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.CheckpointFolder;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.coordinator.Recovery;
import dev.cairn.spark.data.DataFacts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Decides from which checkpoint a run begins: the newest good one of its folder, the one that the
 * settings name, or, when the folder's run has come further than was asked for, the one of exactly
 * the asked step. A run never ends with more training than was asked for: if that checkpoint is not
 * kept any more, it is refused. It chooses by manifests alone. Not thread-safe.
 */
final class RunOrigin {
  private final CheckpointFolder folder;
  private final FolderOptions options;
  private final ModelDefinition model;
  private final DataFacts data;
  private final TrainingSettings settings;

  /**
   * A checkpoint to begin from.
   *
   * @param base what shards are filled from
   * @param manifest what it says of itself; empty for a model that another program saved
   * @param scales the scales of the features; empty for those of the data
   * @param epochStart the step at which epoch 0 of the present data began
   * @param fallBack whether an older one will do if this one is damaged
   */
  record Origin(
      Recovery.Base base,
      Optional<Manifest> manifest,
      Optional<FeatureScales> scales,
      long epochStart,
      boolean fallBack) {

    /** Makes a checkpoint to go on from. */
    Origin(CommittedCheckpoint checkpoint, long epochStart, boolean fallBack) {
      this(
          new Recovery.Base(checkpoint.path(), checkpoint.step()),
          Optional.of(checkpoint.manifest()),
          checkpoint.manifest().training().map(TrainingState::scales),
          epochStart,
          fallBack);
    }

    /**
     * The checkpoint whose training goes on; empty if it is another run's parameters, or no run's,
     * or has fewer parameters.
     */
    Optional<CommittedCheckpoint> goesOn() {
      return base.slots() && base.grown().isEmpty()
          ? manifest.map(of -> new CommittedCheckpoint(base.path(), base.step(), of))
          : Optional.empty();
    }
  }

  RunOrigin(
      CheckpointFolder folder,
      FolderOptions options,
      ModelDefinition model,
      DataFacts data,
      TrainingSettings settings) {
    this.folder = folder;
    this.options = options;
    this.model = model;
    this.data = data;
    this.settings = settings;
  }

  /**
   * The first checkpoint to try; empty for a start from nothing.
   *
   * @param skipped receives the errors of damaged ones that are passed over
   * @throws ResumeRefusedException when the run must not go on from the folder's checkpoints
   */
  Optional<Origin> first(Consumer<CheckpointException> skipped) throws IOException {
    if (!settings.resume().on()) {
      refuseCheckpoints();
    }
    if (!settings.resume().from().isEmpty()) {
      return Optional.of(checked(named(settings.resume().from()), false));
    }
    Optional<CommittedCheckpoint> newest;
    try {
      newest = folder.latest(); // One manifest, however many steps lie there.
    } catch (CheckpointException.Corrupt e) {
      newest = folder.newestGood(skipped);
    }
    return newest.isEmpty()
        ? settings.resume().initial().map(this::initial)
        : Optional.of(checked(newest.get(), true));
  }

  /**
   * The beginning from an initial model: its first epoch is of the present data, whatever the model
   * was trained on.
   */
  private Origin initial(InitialModel model) {
    long step = model.optimizerState() ? model.step() : 0;
    return new Origin(
        new Recovery.Base(model.path(), step, model.optimizerState(), model.grown()),
        model.manifest(),
        model.scales(data.scales()),
        step,
        false);
  }

  /**
   * The next checkpoint to try after one was damaged; the folder remembers the steps that the run
   * may write anew.
   */
  Optional<Origin> next(Consumer<CheckpointException> skipped) throws IOException {
    Optional<CommittedCheckpoint> good = folder.newestGood(skipped);
    return good.isEmpty() ? Optional.empty() : Optional.of(checked(good.get(), true));
  }

  /**
   * Finds out whether the checkpoint's files have the position in the data that its manifest says.
   *
   * @throws CheckpointException.Corrupt if not
   */
  void checkPosition(Origin origin) throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(origin.base().path(), options)) {
      var unused = reader.dataPosition();
    }
  }

  private void refuseCheckpoints() throws IOException {
    List<String> there = new ArrayList<>();
    for (CommittedCheckpoint checkpoint :
        folder.checkpoints(damaged -> there.add("a damaged one"))) {
      there.add(checkpoint.name());
    }
    if (!there.isEmpty()) {
      throw new ResumeRefusedException(
          "Cannot begin anew: resume is off, expected a folder without checkpoints, found "
              + there.get(there.size() - 1)
              + (there.size() > 1 ? " and " + (there.size() - 1) + " others" : "")
              + " (path="
              + folder.directory()
              + "); use another checkpoint.dir, remove them, or switch resume on to go on from"
              + " them");
    }
  }

  private Origin checked(CommittedCheckpoint checkpoint, boolean fallBack) throws IOException {
    long epochStart = epochStart(checkpoint);
    Schedule asked = settings.schedule(checkpoint.step(), epochStart, data.batchesPerEpoch());
    if (checkpoint.step() <= asked.askedStep()) {
      return new Origin(checkpoint, epochStart, fallBack);
    }
    Optional<CommittedCheckpoint> exact = folder.ofStep(asked.askedStep());
    if (exact.isPresent() && epochStart(exact.get()) == epochStart) {
      return new Origin(exact.get(), epochStart, false);
    }
    throw new ResumeRefusedException(
        String.format(
            Locale.ROOT,
            "Cannot train %s: the folder holds more, expected a checkpoint of step %d, or none"
                + " after it, found %s of %s (path=%s); raise train.epochs or train.max-steps, use"
                + " another checkpoint.dir, or drop the newer checkpoints",
            amount(asked.askedStep() - epochStart),
            asked.askedStep(),
            checkpoint.name(),
            amount(checkpoint.step() - epochStart),
            folder.directory()));
  }

  private String amount(long steps) {
    long batches = data.batchesPerEpoch();
    return steps % batches == 0
        ? steps / batches + (steps == batches ? " epoch" : " epochs")
        : String.format(
            Locale.ROOT, "%d steps (%.1f epochs)", steps, (double) steps / Math.max(1, batches));
  }

  private CommittedCheckpoint named(String from) throws IOException {
    String path = from.contains("/") ? from : Folders.child(folder.directory(), from);
    Manifest manifest;
    String full;
    try (CheckpointReader reader = CheckpointReader.open(path, options)) {
      full = Folders.parent(reader.prefix()).orElseThrow();
      manifest =
          reader
              .manifest()
              .orElseThrow(
                  () ->
                      new CheckpointException.Mismatch(
                          "Cannot go on from "
                              + from
                              + ": it has no manifest, which would say of what training it is;"
                              + " expected a checkpoint of a run"));
    }
    boolean own = Folders.contains(folder.directory(), full);
    for (CommittedCheckpoint other : folder.checkpoints()) {
      if (!own || other.step() > manifest.step()) {
        throw new ResumeRefusedException(
            "Cannot go on from "
                + from
                + ": expected "
                + (own ? "the newest checkpoint of its folder" : "a folder without checkpoints")
                + ", found "
                + other.name()
                + " (path="
                + folder.directory()
                + "); a run goes on from its newest checkpoint: "
                + (own ? "drop the newer ones (checkpoint rollback)" : "leave resume.from out")
                + ", or use another checkpoint.dir");
      }
    }
    return new CommittedCheckpoint(full, manifest.step(), manifest);
  }

  private long epochStart(CommittedCheckpoint of) throws IOException {
    TrainingState state =
        of.manifest()
            .training()
            .orElseThrow(
                () ->
                    new CheckpointException.Mismatch(
                        "Cannot resume: the checkpoint is no training run's (path="
                            + of.path()
                            + "); use another checkpoint.dir"));
    return ResumeCheck.epochStart(state, model, settings, data, of.path());
  }
}
