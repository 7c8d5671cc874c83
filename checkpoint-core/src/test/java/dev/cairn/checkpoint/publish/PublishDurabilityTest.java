package dev.cairn.checkpoint.publish;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.store.DurableDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A power loss cannot be had in a test, but what it would take is known: before anything gets its
 * place by a rename, every byte and every entry in it is durable; when a command has ended, so is
 * all that it has done.
 */
class PublishDurabilityTest {
  private static final List<String> STABLE = List.of(ServingConfig.STABLE);

  @TempDir private Path temp = Path.of("");

  private String at(String name) {
    return "file://" + temp.resolve(name);
  }

  private void durable(DurableDisk disk, String place) {
    assertEquals(Set.of(), disk.violations);
    assertEquals(Set.of(), disk.lost());
    assertTrue(Files.exists(temp.resolve(place)), place);
  }

  /** Three versions at home, with one label in the end. */
  private void publish(DurableDisk disk, ModelFolder model) throws IOException {
    List<String> checkpoints = new ArrayList<>();
    for (long step = 1; step <= 3; step++) {
      checkpoints.add(Published.checkpoint(disk, at("runs/a"), step));
      durable(disk, "runs/a/ckpt-" + step);
    }
    for (String checkpoint : checkpoints) {
      List<String> labels =
          checkpoint.endsWith("3") ? List.of(ServingConfig.STABLE, "canary") : STABLE;
      long number = Published.publish(disk, checkpoint, model, labels).number();
      durable(disk, "home/models/flights/" + number + "/variables/variables.index");
    }
    durable(disk, "home/models/flights/models.config");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsInPlaceIsDurable(boolean links) throws Exception {
    DurableDisk disk = new DurableDisk(links);
    try (ModelFolder model = Published.open(disk, at("home/models/flights"))) {
      publish(disk, model);
      assertEquals(4, model.rollback(OptionalLong.of(1)).number());
      durable(disk, "home/models/flights/4/variables/manifest.json");
      var collected = model.collect(1, Duration.ZERO).collected();
      assertEquals(List.of(1L, 2L), collected);
      durable(disk, "home/models/flights/history/1.json");
      ServingConfig labelled = model.label(new TreeMap<>(Map.of("champion", 4L)));
      assertEquals(4, labelled.labels().get("champion"));
      durable(disk, "home/models/flights/models.config");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void soAreCopiesPatchesAndFoldersOfOtherPrograms(boolean links) throws Exception {
    DurableDisk disk = new DurableDisk(links);
    try (ModelFolder model = Published.open(disk, at("home/models/flights"));
        ModelFolder server = Published.open(disk, at("srv/models/flights"));
        ModelFolder scorer = Published.open(disk, at("scorer/flights"))) {
      String first = Published.checkpoint(disk, at("run"), 1);
      ModelVersion unused = Published.publish(disk, first, model, STABLE);
      assertEquals(1, VersionCopy.copy(model, server).size());
      durable(disk, "srv/models/flights/1/assets.extra/cairn-version.json");
      assertEquals(1, VersionCopy.copy(model, scorer).size());
      String second = Published.checkpoint(disk, at("run"), 2);
      ModelVersion version = Published.publish(disk, second, model, STABLE);
      disk.makeDirectories(at("patches"));
      var made = VersionPatch.make(model, 1, 2, disk, at("patches/two.zip"));
      durable(disk, "patches/two.zip");
      assertTrue(VersionPatch.apply(disk, made.file(), scorer).anew());
      durable(disk, "scorer/flights/2/variables/variables.index");
      byte[] file = "flavors".getBytes(StandardCharsets.UTF_8);
      TreeMap<String, byte[]> files = new TreeMap<>(Map.of("MLmodel", file, "code/a.py", file));
      WrappedVersion.write(
          disk, version, "data/model/saved_model", files, disk, at("mlflow/a/flights"));
      durable(disk, "mlflow/a/flights/data/model/saved_model/saved_model.pb");
    }
  }
}
