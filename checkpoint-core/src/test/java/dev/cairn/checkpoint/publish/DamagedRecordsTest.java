package dev.cairn.checkpoint.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.model.VersionRecord.Origin;
import dev.cairn.checkpoint.model.VersionRecord.UsedData;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records that are damaged or gone: of the version in use, of an ancestor, of any other one. */
class DamagedRecordsTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();

  @TempDir private Path temp = Path.of("");
  private Path folder = Path.of("");

  /** Version 1 is the parent of 3, 3 of 4; 2 was rolled back. */
  @BeforeEach
  void publish() throws IOException {
    folder = temp.resolve("flights");
    try (CheckpointStore store = CheckpointStores.open(temp.toUri().toString(), new TreeMap<>());
        ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      for (long step = 1; step <= 4; step++) {
        Optional<Long> parent = step <= 2 ? Optional.of(step - 1) : Optional.of(step == 3 ? 1 : 3L);
        String checkpoint = Published.checkpoint(store, "file://" + temp + "/run", step);
        try (VersionDraft draft = model.begin()) {
          Manifest unused = draft.putCheckpoint(checkpoint);
          draft.put(CheckpointFileNames.SAVED_MODEL, "x".getBytes(StandardCharsets.UTF_8));
          Lineage lineage =
              new Lineage(
                  Origin.REFRESH,
                  parent.filter(number -> number > 0),
                  Optional.of(rows(step)),
                  new TreeMap<>(),
                  new TreeMap<>(),
                  List.of());
          assertEquals(step, draft.commit(lineage).number());
        }
      }
    }
  }

  private static UsedData rows(long month) {
    return new UsedData("month " + month, "f" + month, 10, Optional.empty());
  }

  private Path record(int number) {
    return folder.resolve(number + "/assets.extra/cairn-version.json");
  }

  private List<String> hidden() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.map(path -> path.getFileName().toString())
          .filter(name -> name.startsWith("."))
          .toList();
    }
  }

  @Test
  void nobodyScoresWithAVersionWhoseRecordIsGone() throws Exception {
    Files.delete(record(4));
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      String words = assertThrows(NotFound.class, model::current).getMessage();
      assertTrue(words.contains("found none"), words);
      assertTrue(words.contains("rollback " + folder + " --to 3"), words);
      for (String path : List.of("", "/4", "/4/variables")) {
        NotFound refused =
            assertThrows(NotFound.class, () -> VersionLease.take(folder + path, OPTIONS).close());
        assertEquals(words, refused.getMessage());
      }
    }
    assertEquals(List.of(), hidden());
    try (VersionLease other = VersionLease.take(folder + "/3", OPTIONS)) {
      assertEquals(3, other.version().orElseThrow().number());
    }
  }

  @Test
  void oneDamagedRecordHidesNoOther() throws Exception {
    BadModelFoldersTest.damage(record(2));
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      assertEquals(Set.of(1L, 3L, 4L), model.history().keySet());
      assertEquals(Set.of(2L), model.wholeHistory().unreadable().keySet());
      CheckpointException damage = model.wholeHistory().unreadable().get(2L);
      assertTrue(damage.getMessage().contains(record(2).toString()), damage::getMessage);
      VersionRecord current = model.current().orElseThrow().record();
      assertEquals(1, model.user(current, rows(1)).orElseThrow().number());
      assertEquals(Optional.empty(), model.user(current, rows(2)));
      assertEquals(Optional.empty(), model.user(current, rows(9)));
      // The record of a collected version is its copy.
      assertEquals(List.of(1L), model.collect(1, Duration.ZERO).collected().subList(0, 1));
      Files.writeString(folder.resolve("history/1.json"), "{");
      assertEquals(Set.of(1L, 2L), model.wholeHistory().unreadable().keySet());
      assertEquals(Set.of(3L, 4L), model.history().keySet());
    }
  }

  /** Whether rows were used is not known where an ancestor's record is damaged: that is said. */
  @Test
  void aDamagedAncestorIsNamed() throws Exception {
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      VersionRecord current = model.current().orElseThrow().record();
      for (boolean gone : new boolean[] {false, true}) {
        if (gone) {
          Files.delete(record(1));
        } else {
          BadModelFoldersTest.damage(record(1));
        }
        // What is found before it is an answer all the same.
        assertEquals(3, model.user(current, rows(3)).orElseThrow().number());
        Conflict unknown = assertThrows(Conflict.class, () -> model.user(current, rows(9)));
        for (String part :
            List.of("version 3", "version 1", record(1).toString(), "refresh.accept-used=true")) {
          assertTrue(unknown.getMessage().contains(part), unknown::getMessage);
        }
      }
    }
  }

  /** Nothing is deleted that somebody has to go back to. */
  @Test
  void collectionsLookFirst() throws Exception {
    try (ModelFolder model = ModelFolder.open(folder.toString(), OPTIONS)) {
      BadModelFoldersTest.damage(BadModelFoldersTest.data(folder.resolve("4")));
      Corrupt damaged = assertThrows(Corrupt.class, () -> model.collect(1, Duration.ZERO));
      assertTrue(damaged.getMessage().contains("version 3 is good"), damaged::getMessage);
      assertEquals(List.of(1L, 2L, 3L, 4L), model.numbers());
      Files.delete(record(4));
      NotFound gone = assertThrows(NotFound.class, () -> model.collect(1, Duration.ZERO));
      assertTrue(gone.getMessage().contains("version 3 is good"), gone::getMessage);
      assertEquals(List.of(1L, 2L, 3L, 4L), model.numbers());
    }
  }
}
