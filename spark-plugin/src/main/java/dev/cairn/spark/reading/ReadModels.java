package dev.cairn.spark.reading;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.CheckpointOptions;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.coordinator.Clock;
import dev.cairn.spark.coordinator.CoordinationException;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.coordinator.ModelSpec;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.shard.Optimizers;
import dev.cairn.spark.transport.ShardAddress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models that are only read, as the driver sees them: which are loaded, who reads them, which
 * go. One model is loaded once, whoever reads it and however often.
 *
 * <p>A model is in use while a copy of it is made, and for {@link #IN_USE} after somebody asked for
 * it; who reads asks again and again. What is not in use goes, the longest unused first, when more
 * models are loaded, or more bytes of them, than the settings say, or when it was not used for
 * {@link Settings#idle}. What is in use never goes for that, so the bounds are exceeded while more
 * than that is in use.
 *
 * <p>Thread-safe. {@link #answer} never waits and does no I/O; loading is done in the background,
 * one load of a model at a time.
 */
public final class ReadModels implements AutoCloseable {
  /** How long a question says that a model is in use. */
  static final Duration IN_USE = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(ReadModels.class);
  private static final AtomicReference<@Nullable ReadModels> CURRENT = new AtomicReference<>();

  /**
   * How it goes about things.
   *
   * @param most models that stay loaded
   * @param memoryPercent share of the executors' heaps that loaded models may take
   * @param idle a model that nobody has read for so long goes
   * @param tries loads, or copies, that may fail in a row because executors are lost
   * @param membersTimeout how long to wait for an executor when there is none
   * @param hadoopProperties settings of the file system client
   */
  public record Settings(
      int most,
      int memoryPercent,
      Duration idle,
      int tries,
      Duration membersTimeout,
      SortedMap<String, String> hadoopProperties) {

    /** Copies the properties. */
    public Settings {
      hadoopProperties = Collections.unmodifiableSortedMap(new TreeMap<>(hadoopProperties));
    }
  }

  /** What is done with the shards of a model, and done again when an executor is lost meanwhile. */
  public interface Use<T> {
    /** Does it. */
    T with(ShardGroup group, long step) throws IOException, InterruptedException;
  }

  /** A model's shards, and the step of its checkpoint. */
  private record Loaded(ShardGroup group, long step) {}

  /** One load under way. */
  private record Load(long number, CompletableFuture<Loaded> result) {}

  /** All fields are guarded by the registry's lock. */
  private static final class Entry {
    final ModelSpec spec;
    long lastUse;
    int uses;
    @Nullable Loaded loaded;
    @Nullable Load load;
    long lastDone;
    long lastFailed;
    String failure = "";

    Entry(ModelSpec spec) {
      this.spec = spec;
    }
  }

  private final Coordinator coordinator;
  private final Settings settings;
  private final Clock clock;
  private final Commits commits;

  @GuardedBy("this")
  private final Map<ReadableModel, Entry> entries = new HashMap<>();

  @GuardedBy("this")
  private long models;

  @GuardedBy("this")
  private long loads;

  @GuardedBy("this")
  private boolean ticking;

  @GuardedBy("this")
  private boolean closed;

  /** Says which commit lies in a place now. */
  interface Commits {
    ReadableModel.Commit of(String checkpoint) throws IOException;
  }

  /** Nothing is loaded yet. */
  public ReadModels(Coordinator coordinator, Settings settings) {
    this(coordinator, settings, onStorage(settings));
  }

  ReadModels(Coordinator coordinator, Settings settings, Commits commits) {
    this.coordinator = coordinator;
    this.settings = settings;
    this.clock = coordinator.clock();
    this.commits = commits;
  }

  private static Commits onStorage(Settings settings) {
    CheckpointOptions options =
        CheckpointOptions.defaults().withHadoopProperties(settings.hadoopProperties());
    return checkpoint -> ReadableModel.Commit.of(checkpoint, options);
  }

  /** Makes this the driver's own. */
  public static void install(ReadModels models) {
    CURRENT.set(models);
  }

  /**
   * The one of this driver.
   *
   * @param purpose what it is wanted for, such as "score"
   * @throws IllegalStateException when the plugin is not loaded
   */
  public static ReadModels current(String purpose) {
    ReadModels models = CURRENT.get();
    if (models == null) {
      var unused = Coordinator.current(purpose); // says what is missing
      throw new IllegalStateException("Cannot " + purpose + ": the application ends");
    }
    return models;
  }

  /** How many models are loaded now. */
  public synchronized int loaded() {
    return (int) entries.values().stream().filter(entry -> entry.loaded != null).count();
  }

  /** Where the shards of a model are, as far as that is known now. */
  public synchronized ShardsAnswer answer(ShardsWanted question) {
    if (closed) {
      return new ShardsAnswer.Failed("the application ends");
    }
    Entry entry = entry(question.model());
    entry.lastUse = clock.nanoTime();
    if (entry.load != null) {
      return new ShardsAnswer.NotYet(entry.load.number());
    }
    if (question.loading() != 0 && question.loading() == entry.lastFailed) {
      return new ShardsAnswer.Failed(entry.failure);
    }
    Loaded loaded = entry.loaded;
    if (loaded != null && allThere(loaded.group())) {
      boolean failed = loaded.group().generation() == question.failedGeneration();
      boolean lookedAt = question.loading() != 0 && question.loading() <= entry.lastDone;
      if (!failed || lookedAt) {
        return new ShardsAnswer.Here(loaded.group().directory());
      }
    }
    return new ShardsAnswer.NotYet(load(question.model(), entry).number());
  }

  @GuardedBy("this")
  private Entry entry(ReadableModel model) {
    return entries.computeIfAbsent(
        model,
        added ->
            new Entry(
                new ModelSpec(
                    "read-" + ++models,
                    added.layout(),
                    new OptimizerSpec(Optimizers.NONE, new TreeMap<>()),
                    1)));
  }

  private boolean allThere(ShardGroup group) {
    Set<ShardAddress> present = new HashSet<>();
    coordinator.membership().members().forEach(member -> present.add(member.address()));
    return present.containsAll(group.owners());
  }

  @GuardedBy("this")
  private Load load(ReadableModel model, Entry entry) {
    Load load = new Load(++loads, new CompletableFuture<>());
    entry.load = load;
    try {
      clock.execute(() -> load(model, entry, load));
    } catch (RejectedExecutionException e) {
      failed(entry, load, new IOException("the application ends", e));
    }
    if (!ticking) {
      ticking = true;
      var unused = clock.schedule(IN_USE, this::tick);
    }
    return load;
  }

  /** In the background. */
  private void load(ReadableModel model, Entry entry, Load load) {
    try {
      Loaded loaded = loadOrKeep(model, entry);
      synchronized (this) {
        entry.loaded = loaded;
        entry.load = null;
        entry.lastDone = load.number();
        entry.lastUse = clock.nanoTime();
        if (closed) {
          loaded.group().close();
        }
      }
      load.result().complete(loaded);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failed(entry, load, e);
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot load model {}", model, e);
      failed(entry, load, e);
    }
  }

  private void failed(Entry entry, Load load, Exception why) {
    synchronized (this) {
      entry.loaded = null;
      entry.load = null;
      entry.lastFailed = load.number();
      entry.failure = why.getMessage() == null ? why.toString() : why.getMessage();
    }
    load.result().completeExceptionally(why);
  }

  /** What is loaded stays if only a connection broke; else it is loaded anew by who is there. */
  private Loaded loadOrKeep(ReadableModel model, Entry entry)
      throws IOException, InterruptedException {
    Loaded before;
    synchronized (this) {
      before = entry.loaded;
    }
    if (before != null && answers(before.group())) {
      return before;
    }
    free(victims(entry));
    for (int tries = 1; ; tries++) {
      try {
        return loadNow(model, entry.spec);
      } catch (CoordinationException e) {
        clock.await(coordinator.checkAll(), settings.membersTimeout());
        if (tries >= settings.tries() || !CoordinationException.executorGone(e)) {
          throw e;
        }
        LOG.info("Loading model {} again: {}", model, e.getMessage());
      }
    }
  }

  private boolean answers(ShardGroup group) throws InterruptedException {
    try {
      return allThere(group) && !group.statuses(0).isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  private Loaded loadNow(ReadableModel model, ModelSpec spec)
      throws IOException, InterruptedException {
    var unused = coordinator.membership().await("score", 1, settings.membersTimeout());
    List<Member> members = coordinator.membership().staying();
    long step = commit(model).step();
    ShardGroup group = coordinator.open(spec, members);
    boolean whole = false;
    try {
      var restored = group.restore(model.checkpoint(), step, false, settings.hadoopProperties());
      LOG.debug("Loaded {}: {}", model, restored);
      // Once more: it may have been replaced while it was read.
      long same = commit(model).step();
      whole = same == step;
      return new Loaded(group, step);
    } finally {
      if (!whole) {
        group.close();
      }
    }
  }

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
    if (!found.id().equals(model.commit())) {
      throw new CheckpointException.NotFound(
          "Cannot read the model: its checkpoint was replaced, expected commit "
              + model.commit()
              + ", found "
              + found.id()
              + "; load the model again (path="
              + model.checkpoint()
              + ")");
    }
    return found;
  }

  /**
   * Does something with all shards of a model: loads it if need be, and keeps it meanwhile. When an
   * executor is lost the model is loaded anew and it is done again.
   */
  public <T> T use(ReadableModel model, Use<T> use) throws IOException, InterruptedException {
    long failedGeneration = 0;
    for (int tries = 1; ; tries++) {
      Loaded loaded = begin(model, failedGeneration);
      try {
        return use.with(loaded.group(), loaded.step());
      } catch (IOException e) {
        clock.await(coordinator.checkAll(), settings.membersTimeout());
        if (tries >= settings.tries() || !(gone(e) || !allThere(loaded.group()))) {
          throw e;
        }
        LOG.info("An executor was lost, once more with model {}: {}", model, e.getMessage());
        failedGeneration = loaded.group().generation();
      } finally {
        end(model);
      }
    }
  }

  private static boolean gone(@Nullable Throwable failure) {
    return failure != null
        && (CoordinationException.executorGone(failure) || gone(failure.getCause()));
  }

  private Loaded begin(ReadableModel model, long failedGeneration)
      throws IOException, InterruptedException {
    CompletableFuture<Loaded> result;
    synchronized (this) {
      ShardsAnswer answer = answer(new ShardsWanted(model, failedGeneration, 0));
      if (answer instanceof ShardsAnswer.Failed failed) {
        throw new CoordinationException("Cannot read model " + model + ": " + failed.why());
      }
      Entry entry = entry(model);
      Load load = entry.load;
      Loaded present = entry.loaded;
      entry.uses++;
      if (load == null && present != null) {
        return present;
      }
      result = load == null ? CompletableFuture.failedFuture(lost()) : load.result();
    }
    boolean done = false;
    try {
      clock.await(result);
      Loaded loaded = result.join();
      done = true;
      return loaded;
    } catch (CompletionException e) {
      if (e.getCause() instanceof IOException io) {
        throw io;
      }
      throw new CoordinationException(
          "Cannot read model " + model + ": " + e.getCause(), List.of(e.getCause()));
    } finally {
      if (!done) {
        end(model);
      }
    }
  }

  private static IOException lost() {
    return new CoordinationException("Cannot read a model: the application ends");
  }

  private synchronized void end(ReadableModel model) {
    Entry entry = entries.get(model);
    if (entry != null) {
      entry.uses--;
      entry.lastUse = clock.nanoTime();
    }
  }

  /**
   * Frees a model, if it is loaded, unless a copy of it is being made; who still reads it has it
   * loaded again.
   */
  public static void release(ReadableModel model) {
    ReadModels models = CURRENT.get();
    if (models != null) {
      models.letGo(model);
    }
  }

  void letGo(ReadableModel model) {
    List<ShardGroup> freed = new ArrayList<>();
    synchronized (this) {
      Entry entry = entries.get(model);
      if (entry != null && entry.uses == 0 && entry.load == null) {
        take(List.of(model), freed);
      }
    }
    free(freed);
  }

  private void tick() {
    free(victims(null));
    synchronized (this) {
      ticking = !closed && !entries.isEmpty();
      if (ticking) {
        var unused = clock.schedule(IN_USE, this::tick);
      }
    }
  }

  /** Takes out what has to go, also to make room for one that comes. */
  private synchronized List<ShardGroup> victims(@Nullable Entry coming) {
    long room = roomBytes();
    long bytes = coming == null ? 0 : coming.spec.stateBytes();
    int count = coming == null ? 0 : 1;
    List<ReadableModel> unused = new ArrayList<>();
    long now = clock.nanoTime();
    for (Map.Entry<ReadableModel, Entry> each : entries.entrySet()) {
      Entry entry = each.getValue();
      if (entry == coming) {
        continue;
      }
      if (entry.loaded != null || entry.load != null) {
        bytes += entry.spec.stateBytes();
        count++;
      }
      if (entry.uses == 0 && entry.load == null && now - entry.lastUse > IN_USE.toNanos()) {
        unused.add(each.getKey());
      }
    }
    unused.sort(Comparator.comparingLong(this::lastUse));
    List<ReadableModel> go = new ArrayList<>();
    for (ReadableModel model : unused) {
      Entry entry = entry(model);
      boolean idle = now - entry.lastUse > settings.idle().toNanos();
      if (idle || entry.loaded == null || count > settings.most() || bytes > room) {
        go.add(model);
        if (entry.loaded != null) {
          bytes -= entry.spec.stateBytes();
          count--;
        }
      }
    }
    List<ShardGroup> freed = new ArrayList<>();
    take(go, freed);
    return freed;
  }

  private synchronized long lastUse(ReadableModel model) {
    return entry(model).lastUse;
  }

  private long roomBytes() {
    return coordinator.membership().members().stream().mapToLong(Member::memoryBytes).sum()
        / 100
        * settings.memoryPercent();
  }

  @GuardedBy("this")
  private void take(Collection<ReadableModel> models, List<ShardGroup> freed) {
    for (ReadableModel model : models) {
      Entry entry = entries.remove(model);
      if (entry != null && entry.loaded != null) {
        freed.add(entry.loaded.group());
        LOG.info("Nobody reads model {}: its shards are freed", model);
      }
    }
  }

  private static void free(List<ShardGroup> groups) {
    groups.forEach(ShardGroup::close);
  }

  /** Nothing is loaded any more. */
  @Override
  public void close() {
    CURRENT.compareAndSet(this, null);
    synchronized (this) {
      closed = true;
      entries.clear();
    }
  }
}
