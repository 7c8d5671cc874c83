package dev.cairn.spark.reading;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.coordinator.Clock;
import dev.cairn.spark.coordinator.CoordinationException;
import dev.cairn.spark.coordinator.Coordinator;
import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.coordinator.ModelSpec;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.reading.ModelLoader.Loaded;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
 * The driver's list of models that are only read: it loads them, knows which are in use, and frees
 * them. A model is loaded once, however many readers it has.
 *
 * <p>A model is in use while a copy of it is made, and for {@link #IN_USE} after a reader asked for
 * it; readers ask again and again. Models that are not in use go, the longest unused first, when
 * more models are loaded, or more bytes of them, than the settings allow, or when they were not
 * used for {@link Settings#idle}. Models in use never go for that, so the bounds are exceeded while
 * more than that is in use.
 *
 * <p>Thread-safe. {@link #answer} never waits and does no I/O; loading is done in the background,
 * one load of a model at a time.
 */
public final class ReadModels implements AutoCloseable {
  /** The time for which a question keeps a model in use. */
  static final Duration IN_USE = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(ReadModels.class);
  private static final AtomicReference<@Nullable ReadModels> CURRENT = new AtomicReference<>();

  /**
   * The settings of models that are only read.
   *
   * @param most the most models that stay loaded
   * @param memoryPercent share of the executors' heaps that loaded models may take
   * @param idle the time after which an unused model goes
   * @param tries the number of loads, or copies, that may fail in a row because executors are lost
   * @param membersTimeout the time to wait for an executor when there is none
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

  /** Uses the shards of a model; it is called again when an executor is lost meanwhile. */
  public interface Use<T> {
    /** Uses the shards. */
    T with(ShardGroup group, long step) throws IOException, InterruptedException;
  }

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
  private final ModelLoader loader;

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

  /** Makes one without models. */
  public ReadModels(Coordinator coordinator, Settings settings) {
    this(coordinator, settings, ModelLoader.onStorage(settings));
  }

  ReadModels(Coordinator coordinator, Settings settings, ModelLoader.Commits commits) {
    this.coordinator = coordinator;
    this.settings = settings;
    this.clock = coordinator.clock();
    this.loader = new ModelLoader(coordinator, settings, commits);
  }

  /** Makes this the driver's own. */
  public static void install(ReadModels models) {
    CURRENT.set(models);
  }

  /**
   * The models of this driver.
   *
   * @param purpose the purpose, for messages, such as "score"
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

  /** The number of models that are loaded now. */
  public synchronized int loaded() {
    return (int) entries.values().stream().filter(entry -> entry.loaded != null).count();
  }

  /** The owners of a model's shards, as far as they are known now. */
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
    if (loaded != null && loader.allThere(loaded.group())) {
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

  /** Loads a model, in the background. */
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

  /**
   * Keeps a loaded model if only a connection broke; else loads it anew onto the members that are
   * there.
   */
  private Loaded loadOrKeep(ReadableModel model, Entry entry)
      throws IOException, InterruptedException {
    Loaded before;
    synchronized (this) {
      before = entry.loaded;
    }
    if (before != null && loader.answers(before.group())) {
      return before;
    }
    free(victims());
    return loader.load(model, entry.spec);
  }

  /**
   * Uses all shards of a model: loads it if need be, and keeps it meanwhile. When an executor is
   * lost the model is loaded anew and the use is repeated.
   */
  public <T> T use(ReadableModel model, Use<T> use) throws IOException, InterruptedException {
    long failedGeneration = 0;
    for (int tries = 1; ; tries++) {
      Loaded loaded = begin(model, failedGeneration);
      try {
        return use.with(loaded.group(), loaded.step());
      } catch (IOException e) {
        clock.await(coordinator.checkAll(), settings.membersTimeout());
        if (tries >= settings.tries() || !(gone(e) || !loader.allThere(loaded.group()))) {
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
   * Frees a model, if it is loaded, unless a copy of it is being made; a reader that still needs it
   * has it loaded again.
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
    free(victims());
    synchronized (this) {
      ticking = !closed && !entries.isEmpty();
      if (ticking) {
        var unused = clock.schedule(IN_USE, this::tick);
      }
    }
  }

  /** Takes out what has to go, also to make room for one that is being loaded. */
  private synchronized List<ShardGroup> victims() {
    long now = clock.nanoTime();
    List<Eviction.Candidate> all = new ArrayList<>();
    entries.forEach(
        (model, entry) ->
            all.add(
                new Eviction.Candidate(
                    model,
                    entry.spec.stateBytes(),
                    entry.loaded != null,
                    entry.load != null,
                    entry.uses > 0,
                    now - entry.lastUse)));
    List<ShardGroup> freed = new ArrayList<>();
    take(
        Eviction.victims(
            all, new Eviction.Bounds(settings.most(), roomBytes(), settings.idle().toNanos())),
        freed);
    return freed;
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

  /** Forgets all models; none is loaded any more. */
  @Override
  public void close() {
    CURRENT.compareAndSet(this, null);
    synchronized (this) {
      closed = true;
      entries.clear();
    }
  }
}
