package dev.cairn.checkpoint.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.MemoryStore;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.SharedStore;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Publishers, rollbacks, readers and collections in one folder, in thousands of orders: of those
 * who make a version from the same one, one wins and the others are told; a reader always has one
 * whole version until it gives that up; a collection never takes what somebody reads.
 */
class PublishInterleavingTest {
  private static final String MODEL = "/models/flights";
  private static final List<String> STABLE = List.of(ServingConfig.STABLE);
  private static final int SHORT = 60;
  private static final int LONG = 2000;
  private static final int LATEST = 80;

  private MemoryStore memory = new MemoryStore(() -> 1_000);
  private CheckpointStore raw = memory.view(new MemoryStore.Hook() {});
  private final List<String> checkpoints = new ArrayList<>();
  private final Map<Boolean, MemoryStore> prepared = new HashMap<>();

  /** Of four seeds, each has another kind of folder: with labels or not, with links or not. */
  private void reset(int seed) throws IOException {
    boolean labels = seed % 2 == 0;
    boolean links = seed / 2 % 2 == 0;
    if (!prepared.containsKey(links)) {
      MemoryStore start = new MemoryStore(() -> 1_000, links);
      CheckpointStore view = start.view(new MemoryStore.Hook() {});
      try (ModelFolder model = Published.open(view, MODEL)) {
        for (int step = 1; step <= 4; step++) {
          String checkpoint = Published.checkpoint(view, "/run", step);
          checkpoints.add(checkpoint);
          if (step <= 2) {
            ModelVersion unused = Published.publish(view, checkpoint, model, STABLE);
          }
        }
      }
      prepared.put(links, start);
    }
    memory = Objects.requireNonNull(prepared.get(links)).copy();
    raw = memory.view(new MemoryStore.Hook() {});
    if (labels) {
      try (ModelFolder model = Published.open(raw, MODEL)) {
        ServingConfig unused = model.label(new TreeMap<>(Map.of(ServingConfig.STABLE, 2L)));
      }
    }
  }

  /** The folder as one of several sessions sees it. */
  private static ModelFolder open(Interleaving order, CheckpointStore store, String session) {
    return new ModelFolder(
        new SharedStore(store),
        MODEL,
        Published.OPTIONS.withApplicationId(session),
        Published.CLOCK,
        millis -> order.pass());
  }

  /** What makes a version. */
  private interface Making {
    ModelVersion by(ModelFolder model, CheckpointStore store) throws IOException;
  }

  /** Adds one who begins after that many turns of its own. */
  private void competitor(
      Interleaving order,
      String session,
      int late,
      Making making,
      List<Long> won,
      List<String> lost) {
    order.actor(
        () -> {
          for (int i = 0; i < late; i++) {
            order.pass();
          }
          CheckpointStore store = order.view(memory);
          try (ModelFolder model = open(order, store, session)) {
            won.add(making.by(model, store).number());
          } catch (Conflict e) {
            lost.add(e.getMessage());
          }
        });
  }

  /** Two publishers and a rollback. */
  private void publishers(int seeds) throws Exception {
    int refused = 0;
    for (int seed = 0; seed < seeds; seed++) {
      reset(seed);
      Interleaving order = new Interleaving(seed);
      List<Long> won = new ArrayList<>();
      List<String> lost = new ArrayList<>();
      for (int i = 2; i < 4; i++) {
        String checkpoint = checkpoints.get(i);
        competitor(
            order,
            "publisher-" + i,
            i == 2 ? 0 : seed * 37 % LATEST,
            (model, store) -> Published.publish(store, checkpoint, model, STABLE),
            won,
            lost);
      }
      competitor(
          order,
          "rollback",
          seed * 53 % LATEST,
          (model, store) -> model.rollback(OptionalLong.of(1)),
          won,
          lost);
      order.run();
      String told = "seed " + seed + ": " + won + " " + lost;
      assertEquals(3, won.size() + lost.size(), told);
      assertFalse(won.isEmpty(), told);
      refused += lost.size();
      try (ModelFolder model = Published.open(raw, MODEL)) {
        ModelVersion current = model.current().orElseThrow();
        assertEquals(Collections.max(won), current.number(), told);
        model.verify(current);
        assertEquals(2 + won.size(), model.history().size(), told);
        for (VersionRecord record : model.history().values()) {
          Optional<Long> before = Optional.of(record.number() - 1).filter(number -> number > 0);
          assertEquals(before, record.previous(), told);
        }
      }
    }
    assertTrue(refused > seeds / 4, "refused " + refused);
  }

  /** A reader of the version in use, one of the first, a publisher, and a collection of all old. */
  private void collections(int seeds) throws Exception {
    int[] seen = new int[4];
    for (int seed = 0; seed < seeds; seed++) {
      reset(seed);
      Interleaving order = new Interleaving(seed);
      String told = "seed " + seed;
      order.actor(
          () -> {
            CheckpointStore store = order.view(memory);
            try (ModelFolder model = open(order, store, "publisher")) {
              ModelVersion unused = Published.publish(store, checkpoints.get(2), model, STABLE);
            }
          });
      order.actor(
          () -> {
            try (ModelFolder model = open(order, order.view(memory), "collection")) {
              seen[0] += model.collect(1, Duration.ZERO).collected().size();
              seen[1] += model.collect(1, Duration.ZERO).collected().size();
            }
          });
      order.actor(
          () -> {
            try (ModelFolder model = open(order, order.view(memory), "reader");
                VersionLease lease = model.read(OptionalLong.empty())) {
              model.records().check(lease.version().orElseThrow());
            }
          });
      int late = seed * 37 % 300;
      order.actor(
          () -> {
            for (int i = 0; i < late; i++) {
              order.pass();
            }
            try (ModelFolder model = open(order, order.view(memory), "old reader");
                VersionLease lease = model.read(OptionalLong.of(1))) {
              seen[2]++;
              model.records().check(lease.version().orElseThrow());
            } catch (NotFound e) {
              seen[3]++;
              assertTrue(e.getMessage().contains("collected"), e::getMessage);
            }
          });
      order.run();
      try (ModelFolder model = Published.open(raw, MODEL)) {
        ModelFolder.Collection unused = model.collect(1, Duration.ZERO);
        assertEquals(List.of(3L), model.numbers(), told);
        assertEquals(List.of(1L, 2L, 3L), List.copyOf(model.history().keySet()), told);
        model.verify(model.current().orElseThrow());
      }
      assertEquals(List.of("3", "history"), shown(), told);
    }
    for (int count : seen) {
      assertTrue(
          count > seeds / 20, "all of it happens: " + List.of(seen[0], seen[1], seen[2], seen[3]));
    }
  }

  private List<String> shown() {
    return memory.names(MODEL).stream()
        .filter(name -> !name.startsWith(".") && !name.equals("models.config"))
        .sorted()
        .toList();
  }

  @Test
  void publishersAndARollback() throws Exception {
    publishers(SHORT);
  }

  @Test
  void collectionAndReaders() throws Exception {
    collections(SHORT);
  }

  @Test
  @Tag("long")
  void publishersAndARollbackInThousandsOfOrders() throws Exception {
    publishers(LONG);
  }

  @Test
  @Tag("long")
  void collectionAndReadersInThousandsOfOrders() throws Exception {
    collections(LONG);
  }
}
