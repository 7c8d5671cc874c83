package dev.cairn.spark.refresh;

import dev.cairn.checkpoint.model.VersionRecord.UsedData;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.spark.ml.ModelComparison;
import java.util.List;
import java.util.Optional;

/**
 * What became of a refresh.
 *
 * @param outcome how it ended
 * @param parent the version that it began with; empty for a first model
 * @param version the version in use now; empty if nothing was published ever
 * @param checkpoint the trained model, published or not
 * @param data the rows that it was trained on
 * @param compared the figures of the new model and the old one; empty where it was not judged,
 *     since it was stopped or had been published before
 * @param gate the gate's verdict; empty as {@code compared} is
 * @param warnings what could not be told before training, such as that a version has no range
 * @param report the file that says all of this; empty if training was stopped
 */
public record RefreshResult(
    Outcome outcome,
    Optional<ModelVersion> parent,
    Optional<ModelVersion> version,
    String checkpoint,
    Optional<UsedData> data,
    Optional<ModelComparison> compared,
    Optional<GateReport> gate,
    List<String> warnings,
    Optional<String> report) {

  /** Copies the warnings. */
  public RefreshResult {
    warnings = List.copyOf(warnings);
  }

  /** How a refresh ended. */
  public enum Outcome {
    /** The new model is published. */
    PUBLISHED,
    /** An earlier call has published it, and ended before it could say so. */
    FINISHED,
    /** The gate did not let it through; the old model stays in use. */
    REFUSED,
    /** Somebody stopped training; the same refresh goes on from there. */
    STOPPED
  }
}
