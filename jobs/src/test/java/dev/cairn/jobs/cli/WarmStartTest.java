package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunResult;
import dev.cairn.checkpoint.model.Manifest;
import dev.cairn.checkpoint.model.TrainingState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train} begins with the model of another run. */
final class WarmStartTest {
  private static final String RECORD = "train.initial-model";

  @TempDir private Path temp = Path.of("");
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @BeforeEach
  void input() throws IOException {
    SmallRun.write(temp, 100, "train.epochs=1\nspark.master=local[1]\n");
  }

  private int run(String... args) {
    out.reset();
    return CairnCommand.run(Consoles.keeping(out, out), args);
  }

  private String said() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private int train(String folder, String... words) {
    List<String> args = new ArrayList<>(List.of("train", temp + "/run.properties"));
    args.add("checkpoint.dir=" + temp.resolve(folder));
    args.addAll(List.of(words));
    return run(args.toArray(String[]::new));
  }

  private void trains(String folder, String... words) {
    assertEquals(CairnCommand.OK, train(folder, words), this::said);
  }

  private void refuses(String why, String... words) {
    assertEquals(CairnCommand.TROUBLE, train("refused", words), this::said);
    assertTrue(said().contains(why), () -> "expected \"" + why + "\" in: " + said());
  }

  private Manifest result(String folder) throws IOException {
    FolderOptions options = FolderOptions.defaults();
    String path = RunResult.find(temp.resolve(folder).toString(), options);
    try (CheckpointReader reader = CheckpointReader.open(path, options)) {
      return reader.manifest().orElseThrow();
    }
  }

  private String recorded(String folder) throws IOException {
    TrainingState training = result(folder).training().orElseThrow();
    return String.valueOf(training.configuration().get(RECORD));
  }

  private boolean same(String one, String other) {
    return run("checkpoint", "diff", temp + "/" + one, temp + "/" + other) == CairnCommand.OK;
  }

  @Test
  @Tag("long")
  void beginsWithTheModelAndGoesOnAsARunDoes() throws IOException {
    trains("first");
    String initial = "model.initial=" + temp.resolve("first");
    trains("warm", initial);
    assertEquals(result("first").attempt(), recorded("warm"));
    assertEquals(10, result("warm").step(), "steps count from 0");
    assertFalse(same("first", "warm"), "it has trained on");

    trains("warm", initial, "train.epochs=2");
    assertEquals(20, result("warm").step());
    trains("straight", initial, "train.epochs=2");
    assertTrue(same("warm", "straight"), this::said);
    trains("cold", "train.epochs=2");
    assertFalse(same("cold", "straight"), "what a run begins with decides its bits");

    assertEquals(CairnCommand.TROUBLE, train("warm", "train.epochs=3"), this::said);
    assertTrue(said().contains(RECORD + ": expected " + recorded("warm")), this::said);

    String optimizerToo = "model.initial-optimizer-state=true";
    trains("on", initial, optimizerToo);
    assertEquals(20, result("on").step(), "the optimizer's steps go on");
    assertEquals(result("first").attempt() + " with optimizer", recorded("on"));

    refuses("model: expected hinge, found logistic", initial, "model=svm");
    refuses(
        "model.features: expected 512, found 256; features are made otherwise",
        initial,
        "features.hash-bits=9");
    refuses("missing ", initial, optimizerToo, "optimizer=adam");
  }

  @Test
  void whatCannotBeAnInitialModelIsFoundBeforeAnythingStarts() {
    refuses("expected a model.initial", "model.initial-optimizer-state=true");
    refuses(
        "expected another folder than checkpoint.dir", "model.initial=" + temp.resolve("refused"));
    refuses(
        "Cannot use model.initial: ", "model.initial=" + temp.resolve("none"), "input=nothing.csv");
    refuses("expected a run's folder or a checkpoint", "model.initial=" + temp.resolve("none"));
    assertFalse(Files.exists(temp.resolve("refused")));
  }
}
