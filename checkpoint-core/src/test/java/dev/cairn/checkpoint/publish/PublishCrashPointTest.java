package dev.cairn.checkpoint.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FaultyStore;
import dev.cairn.checkpoint.FaultyStore.Fault;
import dev.cairn.checkpoint.MemoryStore;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every call to storage of a publication, of both kinds of rollback, of labelling and of a
 * collection fails or crashes in turn, before it is done and after: then there is exactly one
 * version in use, it is whole, the history is in order, and the same command again ends in the
 * state in which it would have ended at once.
 */
class PublishCrashPointTest {
  private static final String MODEL = "/models/flights";
  private static final List<String> STABLE = List.of(ServingConfig.STABLE);

  private static final long START = 1_000;

  private long now = START;
  private MemoryStore memory = new MemoryStore(() -> now);
  private CheckpointStore raw = memory.view(new MemoryStore.Hook() {});
  private final List<String> checkpoints = new ArrayList<>();
  private final Map<Kind, MemoryStore> start = new HashMap<>();

  /** Of a folder: whether it has labels, and its storage links. */
  private record Kind(boolean labels, boolean links) {}

  /** All that a user can see: versions, their origin and parameters, what is in use, labels. */
  private record Seen(String versions, long inUse, String labels) {}

  /** A command, given in a folder with versions 1, 2 and 3. */
  private interface Command {
    void run(ModelFolder model, CheckpointStore store) throws IOException;
  }

  private void reset(Kind kind) throws IOException {
    now = START;
    if (!start.containsKey(kind)) {
      start.put(kind, prepare(kind));
    }
    memory = Objects.requireNonNull(start.get(kind)).copy();
    raw = memory.view(new MemoryStore.Hook() {});
  }

  private MemoryStore prepare(Kind kind) throws IOException {
    MemoryStore store = new MemoryStore(() -> now, kind.links());
    CheckpointStore view = store.view(new MemoryStore.Hook() {});
    try (ModelFolder model = Published.open(view, MODEL)) {
      for (int step = 1; step <= 4; step++) {
        String checkpoint = Published.checkpoint(view, "/run", step);
        checkpoints.add(checkpoint);
        if (step < 4) {
          ModelVersion unused = Published.publish(view, checkpoint, model, STABLE);
        }
      }
      if (kind.labels()) {
        ServingConfig unused =
            model.label(new TreeMap<>(Map.of(ServingConfig.STABLE, 3L, "champion", 2L)));
      }
    }
    return store;
  }

  private Seen state() throws IOException {
    StringBuilder text = new StringBuilder();
    try (ModelFolder model = Published.open(raw, MODEL)) {
      for (VersionRecord record : model.history().values()) {
        text.append(record.number())
            .append(' ')
            .append(record.origin())
            .append(" of ")
            .append(record.step())
            .append(" after ")
            .append(record.previous())
            .append('\n');
      }
      text.append("there ").append(model.numbers());
      long inUse = model.current().orElseThrow().number();
      return new Seen(text.toString(), inUse, model.config().map(ServingConfig::labels).toString());
    }
  }

  /** A reader finds one version, and all that are there are whole. */
  private void check(String hit) throws IOException {
    try (ModelFolder model = Published.open(raw, MODEL)) {
      try (VersionLease lease = model.read(OptionalLong.empty())) {
        assertEquals(model.current(), lease.version(), hit);
      }
      for (long number : model.numbers()) {
        ModelVersion version = model.version(number);
        assertEquals(version.record(), model.history().get(number), hit);
        model.verify(version);
      }
    }
  }

  private void everyCallFails(Fault fault, boolean labels, int least, Command command)
      throws IOException {
    for (boolean links : List.of(false, true)) {
      everyCallFails(fault, new Kind(labels, links), least, command);
    }
  }

  private void everyCallFails(Fault fault, Kind kind, int least, Command command)
      throws IOException {
    reset(kind);
    Seen before = state();
    try (ModelFolder model = Published.open(raw, MODEL)) {
      command.run(model, raw);
    }
    Seen after = state();
    for (long call = 1; ; call++) {
      reset(kind);
      FaultyStore faulty = new FaultyStore(raw);
      faulty.arm(fault, call);
      boolean done = false;
      try (ModelFolder model = Published.open(faulty, MODEL)) {
        command.run(model, faulty);
        done = true;
      } catch (IOException e) {
        // As the command's user sees it.
      }
      String hit = faulty.hit() + ", " + kind;
      check(hit);
      Seen seen = state();
      if (done) {
        assertEquals(after, seen, hit);
      } else {
        assertTrue(between(seen, before, after, kind.labels()), hit + ": " + seen);
      }
      if (faulty.calls() < call) {
        assertTrue(call > least, "more calls than " + call);
        return;
      }
      try (ModelFolder model = Published.open(raw, MODEL)) {
        command.run(model, raw);
      }
      assertEquals(after, state(), hit);
      check(hit);
      tidy(hit);
    }
  }

  /**
   * Versions come and go in one step, labels are moved in one step after that; only a collection of
   * several versions has more states in between.
   */
  private static boolean between(Seen seen, Seen before, Seen after, boolean labels) {
    boolean moving = new Seen(after.versions(), before.inUse(), before.labels()).equals(seen);
    return seen.equals(before)
        || seen.equals(after)
        || (labels && moving)
        || (seen.inUse() == before.inUse() && seen.versions().contains("there [2, 3]"));
  }

  /** What a crash has left is gone with the first publication some days later. */
  private void tidy(String hit) throws IOException {
    now += Duration.ofDays(2).toMillis();
    try (ModelFolder model = Published.open(raw, MODEL)) {
      model.begin().close();
    }
    for (String name : memory.names(MODEL)) {
      boolean sign = name.startsWith(".owner-") || name.startsWith(".reader-");
      assertTrue(sign || !name.startsWith("."), hit + " leaves " + name);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "CRASH_BEFORE")
  void publish(Fault fault) throws Exception {
    for (boolean labels : List.of(false, true)) {
      everyCallFails(
          fault,
          labels,
          60,
          (model, store) -> {
            ModelVersion unused = Published.publish(store, checkpoints.get(3), model, STABLE);
          });
    }
  }

  /** A publication with a further label makes models.config, or changes it. */
  @Tag("long")
  @ParameterizedTest
  @EnumSource(names = "CRASH_BEFORE")
  void publishWithALabel(Fault fault) throws Exception {
    for (boolean labels : List.of(false, true)) {
      everyCallFails(
          fault,
          true,
          60,
          (model, store) -> {
            List<String> all = labels ? List.of("canary") : List.of(ServingConfig.STABLE, "canary");
            ModelVersion unused = Published.publish(store, checkpoints.get(3), model, all);
          });
    }
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(names = "CRASH_BEFORE")
  void rollback(Fault fault) throws Exception {
    for (boolean labels : List.of(false, true)) {
      for (OptionalLong to : List.of(OptionalLong.empty(), OptionalLong.of(1))) {
        everyCallFails(
            fault,
            labels,
            60,
            (model, store) -> {
              ModelVersion unused = model.rollback(to);
            });
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = "CRASH_BEFORE")
  void rollbackByLabel(Fault fault) throws Exception {
    everyCallFails(
        fault,
        true,
        10,
        (model, store) -> {
          ServingConfig unused = model.label(new TreeMap<>(Map.of(ServingConfig.STABLE, 1L)));
        });
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(names = "CRASH_BEFORE")
  void collection(Fault fault) throws Exception {
    for (boolean labels : List.of(false, true)) {
      everyCallFails(
          fault,
          labels,
          30,
          (model, store) -> {
            ModelFolder.Collection unused = model.collect(1, Duration.ZERO);
          });
    }
  }

  /** The first version of all: before it there is none. */
  @ParameterizedTest
  @EnumSource(names = "CRASH_BEFORE")
  void theFirst(Fault fault) throws Exception {
    theFirst(fault, false);
    theFirst(fault, true);
  }

  private void theFirst(Fault fault, boolean links) throws IOException {
    for (long call = 1; ; call++) {
      reset(new Kind(false, links));
      String place = "/models/other";
      FaultyStore faulty = new FaultyStore(raw);
      faulty.arm(fault, call);
      try (ModelFolder model = Published.open(faulty, place)) {
        ModelVersion unused = Published.publish(faulty, checkpoints.get(0), model, STABLE);
      } catch (IOException e) {
        // It is there or it is not.
      }
      try (ModelFolder model = Published.open(raw, place)) {
        Optional<ModelVersion> current = model.current();
        if (current.isPresent()) {
          model.verify(current.get());
        }
        ModelVersion again = Published.publish(raw, checkpoints.get(0), model, STABLE);
        assertEquals(1, again.number(), faulty.hit());
        assertEquals(List.of(1L), model.numbers(), faulty.hit());
      }
      if (faulty.calls() < call) {
        return;
      }
    }
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(names = {"FAIL_BEFORE", "FAIL_AFTER", "CRASH_AFTER"})
  void allByTheOtherFaults(Fault fault) throws Exception {
    publish(fault);
    publishWithALabel(fault);
    rollback(fault);
    rollbackByLabel(fault);
    collection(fault);
    theFirst(fault);
  }
}
