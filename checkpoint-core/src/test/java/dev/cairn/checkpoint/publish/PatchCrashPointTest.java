package dev.cairn.checkpoint.publish;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FaultyStore;
import dev.cairn.checkpoint.FaultyStore.Fault;
import dev.cairn.checkpoint.MemoryStore;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.commit.CommittedCheckpoints;
import dev.cairn.checkpoint.io.FileCopy;
import dev.cairn.checkpoint.model.DataFile;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every call to storage of making a patch and of applying it fails or crashes in turn, before it is
 * done and after: then one whole version is in use, the old one or the new one, and the same
 * command again ends in the state in which it would have ended at once.
 */
class PatchCrashPointTest {
  private static final String HOME = "/models/flights";
  private static final String SCORER = "/scorer/flights";
  private static final String PATCH = "/patches/two.zip";
  private static final List<String> STABLE = List.of(ServingConfig.STABLE);

  private CheckpointStore raw = new MemoryStore(() -> 1_000).view(new MemoryStore.Hook() {});

  /** Home has versions 1 and 2, the scorer has version 1. */
  private void reset() throws IOException {
    raw = new MemoryStore(() -> 1_000, true).view(new MemoryStore.Hook() {});
    raw.makeDirectories("/patches");
    for (long step = 1; step <= 2; step++) {
      String checkpoint = Published.checkpoint(raw, "/run", step);
      for (String folder : step == 1 ? List.of(HOME, SCORER) : List.of(HOME)) {
        try (ModelFolder model = Published.open(raw, folder)) {
          ModelVersion unused = Published.publish(raw, checkpoint, model, STABLE);
        }
      }
    }
  }

  private void make(CheckpointStore store) throws IOException {
    try (ModelFolder model = Published.open(store, HOME)) {
      VersionPatch.Made unused = VersionPatch.make(model, 1, 2, store, PATCH);
    }
  }

  private void apply(CheckpointStore store) throws IOException {
    try (ModelFolder model = Published.open(store, SCORER)) {
      VersionPatch.Applied unused = VersionPatch.apply(store, PATCH, model);
    }
  }

  private SortedMap<String, DataFile> files(String folder) throws IOException {
    SortedMap<String, DataFile> files = new TreeMap<>();
    for (StoredFile file : raw.list(folder)) {
      String path = CheckpointFileNames.child(folder, file.name());
      if (file.isDirectory()) {
        files(path).forEach((name, of) -> files.put(file.name() + "/" + name, of));
      } else {
        files.put(file.name(), FileCopy.checksum(raw, path));
      }
    }
    return files;
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(names = "CRASH_BEFORE")
  void making(Fault fault) throws Exception {
    reset();
    make(raw);
    byte[] whole = CommittedCheckpoints.readAll(raw, PATCH);
    for (long call = 1; ; call++) {
      reset();
      FaultyStore faulty = new FaultyStore(raw);
      faulty.arm(fault, call);
      boolean done = false;
      try {
        make(faulty);
        done = true;
      } catch (IOException e) {
        // As the command's user sees it.
      }
      boolean there = raw.stat(PATCH).isPresent();
      assertTrue(there || !done, faulty.hit());
      if (!there) {
        // A new commit has another name, and nothing else differs.
        make(raw);
      }
      assertEquals(whole.length, CommittedCheckpoints.readAll(raw, PATCH).length, 40, faulty.hit());
      apply(raw);
      assertEquals(files(HOME + "/2"), files(SCORER + "/2"), faulty.hit());
      if (faulty.calls() < call) {
        assertTrue(call > 30, "more calls than " + call);
        return;
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = "CRASH_BEFORE")
  void applying(Fault fault) throws Exception {
    for (long call = 1; ; call++) {
      reset();
      make(raw);
      byte[] patch = CommittedCheckpoints.readAll(raw, PATCH);
      FaultyStore faulty = new FaultyStore(raw);
      faulty.arm(fault, call);
      boolean done = false;
      try {
        apply(faulty);
        done = true;
      } catch (IOException e) {
        // As the command's user sees it.
      }
      String hit = faulty.hit();
      try (ModelFolder model = Published.open(raw, SCORER)) {
        ModelVersion current = model.current().orElseThrow();
        assertFalse(done && current.number() != 2, hit);
        for (long number : model.numbers()) {
          model.verify(model.version(number));
        }
      }
      apply(raw);
      try (ModelFolder model = Published.open(raw, SCORER)) {
        assertEquals(2, model.current().orElseThrow().number(), hit);
      }
      assertEquals(files(HOME + "/2"), files(SCORER + "/2"), hit);
      assertArrayEquals(patch, CommittedCheckpoints.readAll(raw, PATCH), hit);
      if (faulty.calls() < call) {
        assertTrue(call > 30, "more calls than " + call);
        return;
      }
    }
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(names = {"FAIL_BEFORE", "FAIL_AFTER", "CRASH_AFTER"})
  void allByTheOtherFaults(Fault fault) throws Exception {
    making(fault);
    applying(fault);
  }
}
