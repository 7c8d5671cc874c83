package dev.cairn.checkpoint.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FaultyStore;
import dev.cairn.checkpoint.FaultyStore.Fault;
import dev.cairn.checkpoint.MemoryStore;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every call to storage of a copy for a server fails or crashes in turn, before it is done and
 * after: then the server has one whole version in use, the old one or the new one and no other, and
 * the same command again ends in the state in which it would have ended at once.
 */
class CopyCrashPointTest {
  private static final String HOME = "/models/flights";
  private static final String SERVER = "/srv/flights";
  private static final List<String> STABLE = List.of(ServingConfig.STABLE);

  private long now = 1_000;
  private MemoryStore memory = new MemoryStore(() -> now);
  private CheckpointStore raw = memory.view(new MemoryStore.Hook() {});

  /** The server has version 1, home has 2 in use and perhaps a newer one with a label. */
  private MemoryStore prepare(boolean labels, boolean links) throws IOException {
    MemoryStore store = new MemoryStore(() -> now, links);
    CheckpointStore view = store.view(new MemoryStore.Hook() {});
    try (ModelFolder model = Published.open(view, HOME)) {
      for (long step = 1; step <= 2; step++) {
        String checkpoint = Published.checkpoint(view, "/run", step);
        ModelVersion unused = Published.publish(view, checkpoint, model, STABLE);
        if (step == 1) {
          copy(view);
        }
      }
      if (labels) {
        String checkpoint = Published.checkpoint(view, "/run", 3);
        ModelVersion unused = Published.publish(view, checkpoint, model, List.of("canary"));
      }
    }
    return store;
  }

  private static void copy(CheckpointStore store) throws IOException {
    try (ModelFolder from = Published.open(store, HOME);
        ModelFolder to = Published.open(store, SERVER)) {
      List<VersionCopy.Copied> unused = VersionCopy.copy(from, to);
    }
  }

  /** The version that the server has in use; it and all others are whole. */
  private long check(String hit) throws IOException {
    try (ModelFolder home = Published.open(raw, HOME);
        ModelFolder model = Published.open(raw, SERVER);
        VersionLease lease = model.read(OptionalLong.empty())) {
      for (long number : model.numbers()) {
        model.verify(model.version(number));
        assertEquals(home.version(number).record(), model.version(number).record(), hit);
      }
      return lease.version().orElseThrow().number();
    }
  }

  /** That of a copy which nothing has come in between. */
  private void whole(boolean labels, String hit) throws IOException {
    assertEquals(2, check(hit), hit);
    try (ModelFolder model = Published.open(raw, SERVER)) {
      assertEquals(labels ? List.of(1L, 2L, 3L) : List.of(1L, 2L), model.numbers(), hit);
      assertEquals(
          labels ? new TreeMap<>(Map.of(ServingConfig.STABLE, 2L, "canary", 3L)) : new TreeMap<>(),
          model.config().map(ServingConfig::labels).orElseGet(TreeMap::new),
          hit);
    }
    now += Duration.ofDays(2).toMillis();
    try (ModelFolder model = Published.open(raw, SERVER)) {
      model.begin().close();
    }
    for (String name : memory.names(SERVER)) {
      boolean sign = name.startsWith(".owner-") || name.startsWith(".reader-");
      assertTrue(sign || !name.startsWith("."), hit + " leaves " + name);
    }
  }

  private void everyCallFails(Fault fault, boolean labels, boolean links) throws IOException {
    MemoryStore start = prepare(labels, links);
    for (long call = 1; ; call++) {
      memory = start.copy();
      raw = memory.view(new MemoryStore.Hook() {});
      FaultyStore faulty = new FaultyStore(raw);
      faulty.arm(fault, call);
      boolean done = false;
      try {
        copy(faulty);
        done = true;
      } catch (IOException e) {
        // As the command's user sees it.
      }
      String hit = faulty.hit() + ", labels " + labels + ", links " + links;
      long inUse = check(hit);
      assertTrue(inUse == 2 || (inUse == 1 && !done), hit + ": in use is " + inUse);
      if (!done) {
        copy(raw);
      }
      whole(labels, hit);
      if (faulty.calls() < call) {
        assertTrue(call > 30, "more calls than " + call);
        return;
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = "CRASH_BEFORE")
  void copying(Fault fault) throws Exception {
    everyCallFails(fault, true, true);
    everyCallFails(fault, false, false);
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource
  void allByTheOtherFaults(Fault fault) throws Exception {
    for (boolean labels : List.of(false, true)) {
      for (boolean links : List.of(false, true)) {
        everyCallFails(fault, labels, links);
      }
    }
  }
}
