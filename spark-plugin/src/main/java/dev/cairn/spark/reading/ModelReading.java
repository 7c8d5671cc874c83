package dev.cairn.spark.reading;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.spark.transport.ShardAccess;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The readers of a JVM: one {@link ModelReader} for each model, shared by all tasks, and one cache
 * for the pages of all. The plugin installs it, on executors and on the driver. Thread-safe.
 */
public final class ModelReading implements AutoCloseable {
  /**
   * The number of models whose readers a JVM keeps; one that comes back later begins with no pages.
   */
  private static final int MODELS = 64;

  private static final AtomicReference<@Nullable ModelReading> CURRENT = new AtomicReference<>();

  /** The way to ask the driver. */
  public interface Questions {
    /** Asks the driver; throws what the call throws. */
    ShardsAnswer ask(ShardsWanted question) throws Exception;
  }

  /**
   * The settings of readers.
   *
   * @param cacheBytes the bytes that the pages of all models may take in this JVM
   * @param tries the number of times in a row that shards may fail before a row does
   * @param patience the time that a load may take before the driver is given up
   */
  public record Settings(long cacheBytes, int tries, Duration patience) {}

  private final ShardAccess access;
  private final Questions questions;
  private final Settings settings;
  private final PageCache cache;

  @GuardedBy("this")
  private final LinkedHashMap<ReadableModel, ModelReader> readers =
      new LinkedHashMap<>(16, 0.75f, true);

  private volatile boolean closed;

  /** Makes one without readers. */
  public ModelReading(ShardAccess access, Questions questions, Settings settings) {
    this.access = access;
    this.questions = questions;
    this.settings = settings;
    this.cache = new PageCache(settings.cacheBytes());
  }

  /** Makes this the JVM's own. */
  public static void install(ModelReading reading) {
    CURRENT.set(reading);
  }

  /**
   * The reading of this JVM.
   *
   * @throws IllegalStateException when the plugin is not loaded here
   */
  public static ModelReading current() {
    ModelReading reading = CURRENT.get();
    if (reading == null) {
      throw new IllegalStateException(
          "Cannot score: Cairn's plugin is not loaded in this JVM, expected"
              + " spark.plugins=dev.cairn.spark.CairnPlugin and the jar on every executor");
    }
    return reading;
  }

  /** The reader of a model: always the same one while it is in use. */
  public ModelReader reader(ReadableModel model) {
    ModelReader dropped = null;
    ModelReader reader;
    synchronized (this) {
      reader = readers.get(model);
      if (reader == null) {
        reader =
            new ModelReader(
                model, new ShardSource(model, access, questions, settings, this::closed), cache);
        readers.put(model, reader);
        if (readers.size() > MODELS) {
          Map.Entry<ReadableModel, ModelReader> eldest = readers.entrySet().iterator().next();
          readers.remove(eldest.getKey());
          dropped = eldest.getValue();
        }
      }
    }
    if (dropped != null) {
      dropped.forget();
    }
    return reader;
  }

  private boolean closed() {
    return closed;
  }

  /** The bytes that pages take now. */
  long pageBytes() {
    return cache.bytes();
  }

  /** Makes readers fail from now on. */
  @Override
  public void close() {
    closed = true;
    CURRENT.compareAndSet(this, null);
  }
}
