package dev.cairn.jobs.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/**
 * SavedModels, Cairn's own and those of TensorFlow: {@code inspect} shows what can be called in
 * them, and {@code train} begins with their variables.
 */
final class SavedModelStartTest extends CommandCalls {
  private void runs(String... args) {
    assertEquals(CairnCommand.OK, run(args), this::said);
  }

  private String path(String name) {
    return temp.resolve(name).toString();
  }

  private int train(String folder, String... words) {
    String[] all = new String[words.length + 3];
    System.arraycopy(words, 0, all, 3, words.length);
    all[0] = "train";
    all[1] = path("run.properties");
    all[2] = "checkpoint.dir=" + path(folder);
    return run(all);
  }

  /** Begins with a SavedModel what the run called warm began with the run that it came from. */
  private void trainsAsWarm(String folder, String initial) {
    assertEquals(CairnCommand.OK, train(folder, "model.initial=" + path(initial)), this::said);
    runs("checkpoint", "diff", path("warm"), path(folder));
  }

  private void refuses(String initial, String word, List<String> differences) {
    assertEquals(
        CairnCommand.TROUBLE, train("refused", "model.initial=" + path(initial), word), this::said);
    for (String one : differences) {
      assertTrue(said().contains(one), () -> "expected \"" + one + "\" in: " + said());
    }
  }

  private void input() throws IOException {
    StringBuilder rows = new StringBuilder("a,x,y\n");
    for (int i = 0; i < 100; i++) {
      rows.append((char) ('a' + i % 7)).append(',').append(i % 11).append(',');
      rows.append(i % 3 == 0 ? 1 : 0).append('\n');
    }
    Files.writeString(temp.resolve("rows.csv"), rows);
    Files.writeString(
        temp.resolve("run.properties"),
        """
        input=rows.csv
        label=y
        features.categorical=a
        features.numeric=x
        features.hash-bits=8
        train.epochs=1
        train.partitions=2
        train.batch-rows=10
        spark.master=local[1]
        """);
  }

  @Test
  void trainBeginsWithTheirVariables() throws Exception {
    input();
    assertEquals(CairnCommand.OK, train("first"), this::said);
    runs("checkpoint", "export", path("first"), "--saved-model", path("exported"));
    assertEquals(CairnCommand.OK, train("warm", "model.initial=" + path("first")), this::said);
    trainsAsWarm("on", "exported");
    assertEquals(CairnCommand.FAILED, run("checkpoint", "diff", path("first"), path("on")));

    String told =
        TensorFlowEnvironment.get().run("start_models.py", path("exported"), path("tensorflow"));
    inspects(told);
    trainsAsWarm("of module", "tensorflow/module");
    trainsAsWarm("of root", "tensorflow/root");
    trainsAsWarm("of Keras", "tensorflow/keras");

    refuses(
        "tensorflow/other", "train.epochs=2", List.of("FLOAT[256,1]", "FLOAT[255,1]", "DOUBLE"));
    refuses(
        "tensorflow/module",
        "model.initial-optimizer-state=true",
        List.of("missing model/weights/", "missing model/bias/", "optimizer/iterations"));
    refuses("exported", "features.hash-bits=9", List.of("FLOAT[512,1]", "FLOAT[256,1]"));
    assertFalse(Files.exists(temp.resolve("refused/ckpt-10")));
  }

  /** Each line that TensorFlow tells is there. */
  private void inspects(String told) {
    int compared = 0;
    for (String line : told.lines().toList()) {
      String[] words = line.split("\t", -1);
      runs("checkpoint", "inspect", path("tensorflow/" + words[0]));
      assertTrue(said().contains("tags        serve"), this::said);
      assertTrue(
          said().contains("written by  TensorFlow " + TensorFlowEnvironment.VERSION), this::said);
      String kind = words[4].equals("float32") ? "FLOAT" : words[4].toUpperCase(Locale.ROOT);
      String wanted = String.join(" ", words[2], words[3], kind);
      assertTrue(
          said()
              .lines()
              .anyMatch(
                  shown ->
                      shown.replaceAll(" +", " ").contains(wanted)
                          && shown.endsWith(" " + words[5])),
          () -> "expected " + line + " in: " + said());
      compared++;
    }
    assertEquals(4, compared, told);
    runs("checkpoint", "inspect", path("tensorflow/other"));
    assertTrue(said().contains("signatures  none"), this::said);
  }
}
