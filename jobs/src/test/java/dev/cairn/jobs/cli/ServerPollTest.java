package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import dev.cairn.spark.Eventually;
import dev.cairn.spark.serving.Publisher;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A reader in Python polls a model's folder as TensorFlow Serving's file-system source does while
 * versions are published: it never finds a part of one, and TensorFlow loads the last one.
 */
final class ServerPollTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();

  @TempDir private Path temp = Path.of("");

  private void publish(int versions) throws Exception {
    TensorFlowEnvironment python = TensorFlowEnvironment.get();
    String run = temp.resolve("run").toString();
    for (int step = 1; step <= 2; step++) {
      SavedRuns.commit(run, step, SavedRuns.logistic(), step);
    }
    Path model = temp.resolve("flights");
    Path ready = temp.resolve("ready");
    Path stop = temp.resolve("stop");
    CompletableFuture<String> polls =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return python.run("serving_poll.py", model, ready, stop);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    try {
      Eventually.await(() -> Files.exists(ready) || polls.isDone(), "the reader polls");
      for (int version = 1; version <= versions; version++) {
        String checkpoint = run + "/ckpt-" + (version % 2 == 0 ? 2 : 1);
        Publisher.Published published =
            Publisher.publish(checkpoint, model.toString(), List.of(), folder -> {}, OPTIONS);
        assertEquals(version, published.version().number());
      }
    } finally {
      Files.createFile(stop);
    }
    JsonNode told = new ObjectMapper().readTree(polls.get());
    assertEquals("[]", told.get("half").toString());
    assertEquals(versions, told.get("last").asInt());
    assertTrue(told.get("seen").asInt() > 1, told::toString);
    float weight = versions % 2 == 0 ? 2 : 1;
    assertEquals(weight + 2 * weight, told.get("margin").asDouble(), 1e-6);
  }

  @Test
  void neverHalfAVersion() throws Exception {
    publish(40);
  }

  @Test
  @Tag("long")
  void neverHalfAVersionInAThousand() throws Exception {
    publish(1000);
  }
}
