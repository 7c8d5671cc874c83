package dev.cairn.checkpoint.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.bundle.CheckpointState;
import dev.cairn.checkpoint.model.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A manager with real files, and a clock that the test sets. */
abstract class ManagerFixture {

  @TempDir Path folder;

  final SetClock clock = new SetClock();
  final ArrayVariable values = ArrayVariable.of(new float[3], 3);
  Checkpoint checkpoint = new Checkpoint(Map.of("v", values));
  String directory = "";

  @BeforeEach
  void names() {
    directory = folder + "/run";
  }

  CheckpointManagerBuilder builder() {
    return CheckpointManager.builder(checkpoint, directory).clock(clock);
  }

  String path(int number) {
    return directory + "/ckpt-" + number;
  }

  List<String> paths(int... numbers) {
    List<String> paths = new ArrayList<>();
    for (int number : numbers) {
      paths.add(path(number));
    }
    return paths;
  }

  /** The numbers of the checkpoints of which index and data are there. */
  List<Integer> onDisk() throws IOException {
    TreeSet<Integer> numbers = new TreeSet<>();
    try (Stream<Path> files = Files.list(Path.of(directory))) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".index")) {
          numbers.add(Integer.parseInt(name.replaceAll(".*-|\\.index", "")));
        }
      }
    }
    return List.copyOf(numbers);
  }

  void value(float value) {
    values.floats()[0] = value;
  }

  CheckpointState state() throws IOException {
    return Checkpoints.getCheckpointState(directory).orElseThrow();
  }

  void damageData(int number) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(directory))) {
      for (Path file : files.toList()) {
        if (file.getFileName().toString().startsWith("ckpt-" + number + ".data-")) {
          byte[] bytes = Files.readAllBytes(file);
          bytes[3] ^= 1;
          Files.write(file, bytes);
        }
      }
    }
  }

  static void one(List<CheckpointException> warnings, String... parts) {
    assertEquals(1, warnings.size(), warnings.toString());
    said(warnings.get(0), parts);
  }

  static void said(Exception e, String... parts) {
    for (String part : parts) {
      assertTrue(String.valueOf(e.getMessage()).contains(part), e.getMessage());
    }
  }
}
