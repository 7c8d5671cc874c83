package dev.cairn.spark.reading;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.spark.coordinator.Clock;
import dev.cairn.spark.coordinator.CoordinationException;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.coordinator.ModelSpec;
import dev.cairn.spark.coordinator.Recovery;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.transport.ShardAddress;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads models into the executors' shards, and checks whether they are still there. It loads the
 * commit that the model names, or the load fails: the commit is compared with the one on storage
 * before and after its values are read. It waits and does I/O. Thread-safe.
 */
final class ModelLoader {
  private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

  /** A model's shards, and the step of its checkpoint. */
  record Loaded(ShardGroup group, long step) {}

  /** Reads the commit that a place has now. */
  interface Commits {
    ReadableModel.Commit of(String checkpoint) throws IOException;
  }

  private final Coordinator coordinator;
  private final ReadModels.Settings settings;
  private final Clock clock;
  private final Commits commits;

  ModelLoader(Coordinator coordinator, ReadModels.Settings settings, Commits commits) {
    this.coordinator = coordinator;
    this.settings = settings;
    this.clock = coordinator.clock();
    this.commits = commits;
  }

  /** Reads manifests. */
  static Commits onStorage(ReadModels.Settings settings) {
    FolderOptions options =
        FolderOptions.defaults().withHadoopProperties(settings.hadoopProperties());
    return checkpoint -> {
      try (CheckpointReader reader = CheckpointReader.open(checkpoint, options)) {
        return ReadableModel.Commit.of(reader.manifest());
      }
    };
  }

  /** Whether all executors that hold shards of a group are members now; asks none of them. */
  boolean allThere(ShardGroup group) {
    Set<ShardAddress> present = new HashSet<>();
    coordinator.membership().members().forEach(member -> present.add(member.address()));
    return present.containsAll(group.owners());
  }

  /** Whether all executors of a group answer that they hold its shards. */
  boolean answers(ShardGroup group) throws InterruptedException {
    try {
      return allThere(group) && !group.statuses(0).isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  /** Loads a model onto the members that are there, and anew when one of them is lost meanwhile. */
  Loaded load(ReadableModel model, ModelSpec spec) throws IOException, InterruptedException {
    for (int tries = 1; ; tries++) {
      try {
        return loadOnce(model, spec);
      } catch (CoordinationException e) {
        clock.await(coordinator.checkAll(), settings.membersTimeout());
        if (tries >= settings.tries() || !CoordinationException.executorGone(e)) {
          throw e;
        }
        LOG.info("Loading model {} again: {}", model, e.getMessage());
      }
    }
  }

  private Loaded loadOnce(ReadableModel model, ModelSpec spec)
      throws IOException, InterruptedException {
    var unused = coordinator.membership().await("score", 1, settings.membersTimeout());
    List<Member> members = coordinator.membership().staying();
    long step = commit(model).step();
    ShardGroup group = coordinator.open(spec, members);
    boolean whole = false;
    try {
      var restored =
          group.restore(
              new Recovery.Base(model.checkpoint(), step), false, settings.hadoopProperties());
      var same = commit(model); // once more: it may have been replaced while it was read
      LOG.debug("Loaded {}, step {}: {}", model, same.step(), restored);
      whole = true;
      return new Loaded(group, step);
    } finally {
      if (!whole) {
        group.close();
      }
    }
  }

  /** The commit in the model's place, if it is the one that the model names. */
  private ReadableModel.Commit commit(ReadableModel model) throws IOException {
    ReadableModel.Commit found;
    try {
      found = commits.of(model.checkpoint());
    } catch (CheckpointException.NotFound e) {
      throw new CheckpointException.NotFound(
          "Cannot read the model: its checkpoint is gone, expected it to stay while the model is"
              + " used; another application's training, or somebody by hand, has deleted it. Load"
              + " a checkpoint that is there, or write the model to a folder of its own"
              + " (path="
              + model.checkpoint()
              + "): "
              + e.getMessage(),
          e);
    }
    model.requireCommit(found);
    return found;
  }
}
