package dev.cairn.spark.reading;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cairn.spark.transport.ShardAccess;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a JVM has for reading models: one {@link ModelReader} a model, shared by all its tasks, and
 * one cache for the pages of all. The plugin puts it there, on executors and on the driver.
 * Thread-safe.
 */
public final class ModelReading implements AutoCloseable {
  /** Models that a JVM remembers; one that comes back later begins with no pages. */
  private static final int MODELS = 64;

  private static final AtomicReference<@Nullable ModelReading> CURRENT = new AtomicReference<>();

  /** The way to ask the driver. */
  public interface Questions {
    /** Asks; throws whatever the way there throws. */
    ShardsAnswer ask(ShardsWanted question) throws Exception;
  }

  /**
   * How readers go about things.
   *
   * @param cacheBytes what the pages of all models may take in this JVM
   * @param tries how often in a row shards may fail before a row does
   * @param patience how long a load may take before the driver is given up
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

  /** Nothing is read yet. */
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
   * The one of this JVM.
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

  /** Bytes that pages take now. */
  long pageBytes() {
    return cache.bytes();
  }

  /** Readers fail from now on. */
  @Override
  public void close() {
    closed = true;
    CURRENT.compareAndSet(this, null);
  }
}
