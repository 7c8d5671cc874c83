package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.model.DataPosition;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.checkpoint.model.TrainingState;
import dev.cairn.spark.data.DataFacts;
import dev.cairn.spark.optimizer.Optimizers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Decides whether and where a run goes on from a checkpoint. Pure.
 *
 * <p>The trained bits are a function of data, configuration and seed (invariant I5); going on with
 * any of them changed gives a model that cannot be made again, so it is refused unless the user
 * names the change. When data, partitions, batch size or seed change, the batches do too: the new
 * data is then trained from its first epoch on, while the step clock goes on. The features' scales
 * belong to the weights: a model that goes on with other data keeps its scales.
 */
final class ResumeCheck {
  /** The name under which changed data is accepted. */
  static final String DATA = "data";

  private static final Set<String> BATCH_KEYS =
      Set.of("train.partitions", "train.batch-rows", "train.seed");

  private ResumeCheck() {}

  /**
   * The step at which epoch 0 of the present data begins.
   *
   * @param model the model that is trained now
   * @param path the checkpoint, for messages
   * @throws ResumeRefusedException listing every change that was not accepted
   */
  static long epochStart(
      TrainingState saved, ModelDefinition model, TrainingSettings now, DataFacts data, String path)
      throws ResumeRefusedException {
    List<String> refused = new ArrayList<>();
    Set<String> names = new TreeSet<>();
    boolean restart = false;
    DataPosition position = saved.position();
    if (!position.fingerprint().equals(data.fingerprint())) {
      restart = true;
      if (!now.resume().accepted().contains(DATA)) {
        names.add(DATA);
        refused.add(
            "data: expected "
                + position.rows()
                + " rows ("
                + position.fingerprint()
                + "), found "
                + data.samples()
                + " ("
                + data.fingerprint()
                + ")");
      }
    }
    // A run that began with a model has kept that model's scales, whatever the data's are.
    FeatureScales scales =
        now.resume()
            .initial()
            .flatMap(initial -> initial.scales(data.scales()))
            .orElse(data.scales());
    if (!restart && !saved.scales().equals(scales)) {
      refused.add(
          "standardization: expected "
              + described(saved.scales())
              + ", found "
              + described(scales));
    }
    SortedMap<String, String> old = all(saved.configuration(), saved.model());
    SortedMap<String, String> present = all(now.configuration(), Optional.of(model));
    for (Difference change : Difference.between(old, present)) {
      restart |= BATCH_KEYS.contains(change.name());
      if (!now.resume().accepted().contains(change.name())) {
        names.add(change.name());
        refused.add(change.told());
      }
    }
    // This cannot be accepted by name: there is nothing that the state could be made of.
    Optimizers.of(now.optimizer()).otherState(saved.optimizer()).ifPresent(refused::add);
    if (!refused.isEmpty()) {
      throw new ResumeRefusedException(
          "Cannot resume from "
              + path
              + ": the run has changed since. "
              + String.join("; ", refused)
              + ". Put it back, or use another checkpoint.dir"
              + (names.isEmpty()
                  ? ""
                  : ", or, if the change is meant, set resume.accept=" + String.join(",", names)));
    }
    long done = position.epoch() * position.batchesPerEpoch() + position.batch();
    return restart ? saved.step() : saved.step() - done;
  }

  /** The settings and the model, under the names by which a change is reported and accepted. */
  private static SortedMap<String, String> all(
      SortedMap<String, String> configuration, Optional<ModelDefinition> model) {
    SortedMap<String, String> all = new TreeMap<>(configuration);
    model.ifPresent(known -> all.putAll(Difference.settings(known)));
    return all;
  }

  /**
   * Describes scales; one set of rows has but two kinds, since scales are a function of the rows.
   */
  private static String described(FeatureScales scales) {
    return scales.isEmpty()
        ? "no numeric features divided"
        : scales.size() + " numeric features divided by their standard deviations";
  }
}
