package dev.cairn.checkpoint.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.checkpoint.bundle.CheckpointState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What TensorFlow's manager was recorded to do, done by ours with real files: every 12th part. */
class ManagerReplayTest {
  private static final int PART = 12;

  @TempDir Path base;

  private final SetClock clock = new SetClock();

  private final class Player {
    private final String directory;
    private final Checkpoint checkpoint =
        new Checkpoint(Map.of("v", ArrayVariable.of(new float[1], 1)));
    private final long[] step = {0};
    private @Nullable CheckpointManager manager;

    Player(String directory) {
      this.directory = directory;
    }

    private CheckpointManager manager() {
      if (manager == null) {
        throw new IllegalStateException("the first call opens one");
      }
      return manager;
    }

    ManagerTrace.Result play(ManagerTrace.Call call) throws IOException {
      clock.seconds = call.clock();
      String returned = null;
      if (call.verb().equals("new") || call.verb().equals("reopen")) {
        open(call);
      } else {
        step[0] = Long.parseLong(call.arguments().get(1));
        String number = call.verb().equals("save") ? call.argument(2) : null;
        returned =
            call.verb().equals("restore")
                ? manager().restoreOrInitialize()
                : manager()
                    .save(
                        number == null ? null : Long.valueOf(number),
                        call.arguments().get(3).equals("1"),
                        CheckpointOptions.defaults());
      }
      Optional<CheckpointState> state = Checkpoints.getCheckpointState(directory);
      return new ManagerTrace.Result(
          relative(returned),
          relative(manager().latestCheckpoint()),
          manager().checkpoints().stream().map(path -> String.valueOf(relative(path))).toList(),
          onDisk(),
          state.map(this::relative).orElse(null));
    }

    private void open(ManagerTrace.Call call) throws IOException {
      CheckpointManagerBuilder builder =
          CheckpointManager.builder(checkpoint, directory)
              .clock(clock)
              .checkpointName(call.arguments().get(3));
      if (call.argument(1) != null) {
        builder.maxToKeep(Integer.parseInt(call.argument(1)));
      }
      if (call.argument(2) != null) {
        builder.keepCheckpointEveryNHours(Double.parseDouble(call.argument(2)));
      }
      if (call.argument(4) != null) {
        builder.stepCounter(() -> step[0]).checkpointInterval(Long.parseLong(call.argument(4)));
      }
      manager = builder.build();
    }

    private CheckpointState relative(CheckpointState state) {
      return new CheckpointState(
          String.valueOf(relative(state.latest())),
          state.all().stream().map(path -> String.valueOf(relative(path))).toList(),
          state.timestamps(),
          state.lastPreserved());
    }

    private @Nullable String relative(@Nullable String path) {
      return path == null ? null : Path.of(directory).relativize(Path.of(path)).toString();
    }

    private List<String> onDisk() throws IOException {
      if (!Files.exists(Path.of(directory))) {
        return List.of();
      }
      try (Stream<Path> files = Files.walk(Path.of(directory))) {
        return files
            .map(Path::toString)
            .filter(file -> file.endsWith(".index"))
            .map(file -> String.valueOf(relative(file.substring(0, file.length() - 6))))
            .sorted()
            .toList();
      }
    }
  }

  @Test
  void realFilesAsRecorded() throws IOException {
    List<List<ManagerTrace.Call>> sequences = ManagerTrace.parse(ManagedCheckpointsTest.recorded());
    for (int i = 0; i < sequences.size(); i += PART) {
      Player player = new Player(base.resolve("" + i).toString());
      for (ManagerTrace.Call call : sequences.get(i)) {
        assertEquals(call.result(), player.play(call), "sequence " + i + ": " + call);
      }
    }
  }
}
