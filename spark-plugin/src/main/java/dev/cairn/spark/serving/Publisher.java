package dev.cairn.spark.serving;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.TestFigures;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.model.VersionRecord.UsedData;
import dev.cairn.checkpoint.publish.Lineage;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.checkpoint.publish.VersionDraft;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Publishes a trained checkpoint as a version of a model: a SavedModel around the checkpoint's own
 * files. Needs no Spark. Stateless, hence thread-safe.
 */
public final class Publisher {
  private Publisher() {}

  /** A look at a version that is whole and not yet in place; it throws what it has found. */
  public interface Check {
    /**
     * Looks at a version.
     *
     * @param folder a SavedModel, with the checkpoint in its folder {@code variables}
     */
    void check(String folder) throws IOException;

    /** Rows for {@code predict}'s own look, by column; empty for such as are made up. */
    default List<Map<String, @Nullable Object>> rows() {
      return List.of();
    }

    /** Nothing but {@code predict}'s own look at these rows. */
    static Check of(List<Map<String, @Nullable Object>> rows) {
      return new Check() {
        @Override
        public void check(String folder) {}

        @Override
        public List<Map<String, @Nullable Object>> rows() {
          return rows;
        }
      };
    }
  }

  /**
   * What was published.
   *
   * @param version the version
   * @param anew false if it was there already
   */
  public record Published(ModelVersion version, boolean anew) {}

  /**
   * Publishes a checkpoint by hand, whose judge is who calls this.
   *
   * @param path a checkpoint, or a run's folder, whose result is meant
   * @param model the model's folder, made if it is not there
   * @param labels further labels for the version, such as champion
   * @param check a look at the version before others see it
   * @throws Mismatch if the checkpoint has no manifest, or holds a model that cannot be served
   * @throws dev.cairn.checkpoint.model.CheckpointException.Corrupt if it is damaged
   * @throws dev.cairn.checkpoint.model.CheckpointException.Conflict if somebody else publishes
   *     meanwhile
   */
  public static Published publish(
      String path, String model, List<String> labels, Check check, FolderOptions options)
      throws IOException {
    String checkpoint = RunResult.find(path, options);
    Manifest manifest = manifest(checkpoint, options);
    labels.forEach(ServingConfig::checkLabel);
    List<String> all = new ArrayList<>(List.of(ServingConfig.STABLE));
    all.addAll(labels);
    try (ModelFolder folder = ModelFolder.open(model, options)) {
      Optional<ModelVersion> there = folder.published(manifest.attempt());
      if (there.isPresent()) {
        folder.finish(there.get(), all);
        return new Published(there.get(), false);
      }
      Lineage lineage = byHand(manifest, folder);
      return new Published(publish(checkpoint, folder, lineage, all, check, options), true);
    }
  }

  /**
   * Publishes a checkpoint.
   *
   * @param checkpoint its folder
   * @param lineage what is known of it
   * @param labels that are moved to it, {@code stable} among them if it is to be in use
   * @throws Mismatch if its answers for a few rows are not finite, before anything is published
   */
  public static ModelVersion publish(
      String checkpoint,
      ModelFolder folder,
      Lineage lineage,
      List<String> labels,
      Check check,
      FolderOptions options)
      throws IOException {
    String full = Folders.qualify(checkpoint, options);
    SavedModelExport.Program program = SavedModelExport.program(full, options);
    try (VersionDraft draft = folder.begin()) {
      Manifest unused = draft.putCheckpoint(full);
      draft.putProgram(program.program());
      Optional<SampledAnswers> unusedAnswers =
          SampledAnswers.of(draft.folder(), check.rows(), options);
      check.check(draft.folder());
      return draft.commit(lineage, labels);
    }
  }

  /** What a checkpoint says of itself; its parent is the version whose parameters it began with. */
  private static Lineage byHand(Manifest manifest, ModelFolder folder) throws IOException {
    Optional<String> initial =
        manifest
            .training()
            .map(of -> of.configuration().get(TrainingState.INITIAL_MODEL))
            .map(commit -> commit.split(" ", 2)[0]);
    Optional<Long> parent = Optional.empty();
    if (initial.isPresent()) {
      for (VersionRecord version : folder.history().values()) {
        if (version.attempt().equals(initial.get())) {
          parent = Optional.of(version.number());
        }
      }
    }
    return Lineage.byHand(parent, used(manifest, ""), figures(manifest));
  }

  private static Manifest manifest(String checkpoint, FolderOptions options) throws IOException {
    try (CheckpointReader reader = CheckpointReader.open(checkpoint, options)) {
      return reader
          .manifest()
          .orElseThrow(
              () ->
                  new Mismatch(
                      "Cannot publish a checkpoint: expected one with a manifest, found none (path="
                          + checkpoint
                          + "); publish one that Cairn has trained"));
    }
  }

  /**
   * The rows that a checkpoint was trained on; empty if its manifest does not say.
   *
   * @param input where they were read
   */
  public static Optional<UsedData> used(Manifest manifest, String input) {
    return manifest
        .training()
        .map(TrainingState::position)
        .map(
            (DataPosition of) ->
                new UsedData(input, of.fingerprint(), of.rows(), Optional.empty()));
  }

  /** The figures of a checkpoint on the test rows of its run. */
  public static SortedMap<String, Double> figures(Manifest manifest) {
    return manifest
        .training()
        .flatMap(TrainingState::test)
        .map(TestFigures::numbers)
        .orElseGet(TreeMap::new);
  }
}
