package dev.cairn.checkpoint.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FaultyStore;
import dev.cairn.checkpoint.FaultyStore.Fault;
import dev.cairn.checkpoint.MemoryStore;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What killed commands leave is deleted once it is a day old, by the storage's clock. */
class LeftoversTest {
  private static final String MODEL = "/models/flights";
  private static final List<String> STABLE = List.of(ServingConfig.STABLE);
  private static final long HOUR = Duration.ofHours(1).toMillis();

  private long now = 1_000;
  private final MemoryStore memory = new MemoryStore(() -> now);
  private final CheckpointStore raw = memory.view(new MemoryStore.Hook() {});

  private interface Command {
    void run(CheckpointStore store) throws IOException;
  }

  private static boolean isHidden(String name) {
    return name.startsWith(".") && !name.startsWith(".owner-") && !name.startsWith(".reader-");
  }

  private List<String> hidden(String folder) {
    return memory.names(folder).stream().filter(LeftoversTest::isHidden).toList();
  }

  private ModelVersion publish(long step) throws IOException {
    try (ModelFolder model = Published.open(raw, MODEL)) {
      return Published.publish(raw, Published.checkpoint(raw, "/run", step), model, STABLE);
    }
  }

  /** Somebody's clock is days ahead, whose publications are no danger to others. */
  @Test
  void aMachineWhoseClockIsAhead() throws Exception {
    ModelVersion first = publish(1);
    String checkpoint = Published.checkpoint(raw, "/run", 2);
    try (ModelFolder model = Published.open(raw, MODEL);
        ModelFolder ahead = Published.open(raw, MODEL, Published.DAYS_LATER);
        ModelFolder server = Published.open(raw, "/srv/flights");
        VersionDraft draft = model.begin();
        VersionDraft copy = server.begin()) {
      ahead.begin().close();
      assertEquals(List.of(), ahead.collect(1, Duration.ZERO).collected());
      try (ModelFolder same = Published.open(raw, "/srv/flights", Published.DAYS_LATER)) {
        assertEquals(1, VersionCopy.copy(model, same).size());
      }
      assertTrue(raw.stat(copy.folder()).isPresent());
      Manifest unused = draft.putCheckpoint(raw, checkpoint);
      var made =
          draft.commit(Lineage.byHand(Optional.empty(), Optional.empty(), new TreeMap<>()), STABLE);
      assertEquals(first.number() + 1, made.number());
    }
  }

  /** A draft that is filled for days is alive as long as something in it changes. */
  @Test
  void draftsThatTakeLong() throws Exception {
    String checkpoint = Published.checkpoint(raw, "/run", 1);
    try (ModelFolder model = Published.open(raw, MODEL);
        VersionDraft slow = model.begin();
        VersionDraft dead = model.begin()) {
      now += 25 * HOUR;
      Manifest unused = slow.putCheckpoint(raw, checkpoint);
      String variables = slow.folder() + "/variables";
      raw.create(variables + "/one").close();
      now += 23 * HOUR;
      raw.create(variables + "/two").close();
      now += 2 * HOUR;
      model.begin().close();
      assertTrue(raw.stat(slow.folder()).isPresent());
      assertTrue(raw.stat(dead.folder()).isEmpty());
    }
  }

  /** Every command cleans up, a day later, what the same one has left in the folder. */
  private void cleanedUp(String folder, Command first, Command again) throws IOException {
    int left = 0;
    for (long call = 1; ; call++) {
      FaultyStore killed = new FaultyStore(raw);
      killed.arm(Fault.CRASH_BEFORE, call);
      try {
        first.run(killed);
      } catch (IOException e) {
        left += hidden(folder).size();
      }
      if (killed.calls() < call) {
        break;
      }
      List<String> young = hidden(folder);
      now += 23 * HOUR;
      again.run(raw);
      assertEquals(young, hidden(folder), "may be alive: " + killed.hit());
      now += 2 * HOUR;
      again.run(raw);
      assertEquals(List.of(), hidden(folder), killed.hit());
    }
    assertTrue(left > 5, "left " + left);
  }

  private int number;

  @Test
  void foldersOfOtherPrograms() throws Exception {
    ModelVersion version = publish(1);
    Command write =
        store ->
            WrappedVersion.write(
                store,
                version,
                "data/model",
                new TreeMap<>(),
                store,
                "/mlflow/flights-" + ++number);
    cleanedUp("/mlflow", write, write);
  }

  @Test
  void patches() throws Exception {
    ModelVersion one = publish(1);
    ModelVersion two = publish(2);
    raw.makeDirectories("/patches");
    Command make =
        store -> {
          try (ModelFolder model = Published.open(raw, MODEL)) {
            String file = "/patches/" + ++number + ".zip";
            var unused = VersionPatch.make(model, one.number(), two.number(), store, file);
          }
        };
    cleanedUp("/patches", make, make);
  }

  @Test
  void copies() throws Exception {
    Command copy =
        store -> {
          assertTrue(publish(++number).number() > 0);
          try (ModelFolder model = Published.open(raw, MODEL);
              ModelFolder server = Published.open(store, "/srv/flights")) {
            assertTrue(VersionCopy.copy(model, server).get(0).anew());
          }
        };
    cleanedUp("/srv/flights", copy, copy);
  }
}
