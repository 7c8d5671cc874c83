package dev.cairn.spark.trainer;

import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.FeatureScales;
import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.coordinator.ModelSpec;
import dev.cairn.spark.coordinator.Recovery;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.listener.TrainingListener;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Fills a run's shards for the first time: from the checkpoint that {@link RunOrigin} chooses, or
 * from nothing. It logs that when it has opened the shards, which may be tried more than once. For
 * one thread at a time.
 */
final class RunStart implements Recovery.Opener {
  private static final RunOrigin.Origin NOTHING =
      new RunOrigin.Origin(Recovery.Base.NOTHING, Optional.empty(), Optional.empty(), 0, false);

  private final Recovery recovery;
  private final ModelSpec spec;
  private final RunOrigin origins;
  private final String directory;
  private final TrainingData data;
  private final TrainingListener listener;

  /** The damaged checkpoints that were reported. */
  private final Set<String> toldOfDamage = new HashSet<>();

  private @Nullable ShardGroup group;
  private RunOrigin.Origin origin = NOTHING;

  RunStart(
      Recovery recovery,
      ModelSpec spec,
      RunOrigin origins,
      String directory,
      TrainingData data,
      TrainingListener listener) {
    this.recovery = recovery;
    this.spec = spec;
    this.origins = origins;
    this.directory = directory;
    this.data = data;
    this.listener = listener;
  }

  /** The shards, filled. */
  ShardGroup group() {
    return Objects.requireNonNull(group, "nothing is opened yet");
  }

  /** The checkpoint that the run goes on from; null for a start at step 0. */
  @Nullable CommittedCheckpoint checkpoint() {
    return origin.goesOn().orElse(null);
  }

  /** The state from which the shards were filled. */
  Recovery.Base base() {
    return origin.base();
  }

  /** The data to train on: its features divided by the scales of the model that goes on. */
  TrainingData data() {
    Optional<FeatureScales> scales = origin.scales();
    return scales.isEmpty() || scales.get().equals(data.scales())
        ? data
        : data.rescaled(scales.get());
  }

  /** The step that the shards are at. */
  long step() {
    return origin.base().step();
  }

  /** The step at which epoch 0 of the data began. */
  long epochStart() {
    return origin.epochStart();
  }

  @Override
  public Recovery.Opened open(List<Member> members) throws IOException, InterruptedException {
    List<IOException> damage = new ArrayList<>();
    Consumer<CheckpointException> skipped =
        e -> {
          String why = String.valueOf(e.getMessage());
          if (toldOfDamage.add(why)) {
            listener.checkpointSkipped(directory, why);
          }
          damage.add(e);
        };
    Optional<RunOrigin.Origin> next = origins.first(skipped);
    while (next.isPresent()) {
      RunOrigin.Origin tried = next.get();
      try {
        origins.checkPosition(tried);
        return opened(members, tried);
      } catch (CheckpointException.Corrupt | CheckpointException.NotFound e) {
        next = tried.fallBack() ? origins.next(skipped) : next;
        if (next.map(tried::equals).orElse(false)) {
          throw e;
        }
      }
    }
    if (!damage.isEmpty()) {
      throw new CheckpointException.Corrupt(
          "Cannot resume: no checkpoint in the folder is good, expected at least one (path="
              + directory
              + "); move the damaged ones away to begin anew, or use another checkpoint.dir. "
              + damage.get(0).getMessage(),
          damage.get(0));
    }
    return opened(members, NOTHING);
  }

  private Recovery.Opened opened(List<Member> members, RunOrigin.Origin from)
      throws IOException, InterruptedException {
    Recovery.Opened opened = recovery.open(spec, members, from.base());
    group = opened.group();
    origin = from;
    return opened;
  }
}
