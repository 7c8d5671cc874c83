package dev.cairn.checkpoint.formats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.BundleWriter;
import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.CheckpointVerifier;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Named tensors as a TensorFlow checkpoint, and back. */
final class BundleImportTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();
  private static final String VALUE = "/.ATTRIBUTES/VARIABLE_VALUE";

  @TempDir private Path folder = Path.of("");

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private CheckpointReader imported(TensorSource source, String name) throws IOException {
    BundleImport.Written written = BundleImport.write(source, path(name), OPTIONS);
    assertEquals(source.tensors().size(), written.tensors());
    assertTrue(CheckpointVerifier.verify(path(name), OPTIONS, 1, bytes -> {}).good());
    return CheckpointReader.open(path(name), OPTIONS);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** A file that has only what is no tensor says so: it is not taken for an empty one. */
  @Test
  void whatIsThereInsteadOfTensorsIsTold() throws IOException {
    TensorSource text =
        new TensorSource() {
          @Override
          public String path() {
            return "/text.h5";
          }

          @Override
          public List<VariableSpec> tensors() {
            return List.of();
          }

          @Override
          public List<String> others() {
            return List.of("words: VariableLength is no number");
          }

          @Override
          public void read(VariableSpec tensor, Pieces into) {
            throw new AssertionError(tensor);
          }

          @Override
          public void close() {}
        };
    Mismatch none =
        assertThrows(Mismatch.class, () -> BundleImport.write(text, path("none"), OPTIONS));
    assertTrue(
        none.getMessage()
            .contains("expected tensors, found words: VariableLength is no number (path=/text.h5)"),
        none.getMessage());
    assertEquals(List.of(), names());
  }

  @Test
  void everyTypeComesBackUnderItsName() throws IOException {
    MemoryTensors all =
        MemoryTensors.ofTypes(type -> true).with("odd.name/.x/with S.S", DType.HALF);
    try (TensorSource read = new CheckpointTensors(imported(all, "deep/folder/all"))) {
      Map<VariableSpec, byte[]> values = MemoryTensors.read(read);
      assertEquals(all.tensors().size(), values.size());
      for (VariableSpec tensor : all.tensors()) {
        assertArrayEquals(all.value(tensor.key()), values.get(tensor), tensor.toString());
      }
      assertEquals(List.of(), read.others());
    }
    assertEquals(List.of("deep"), names());
  }

  /** What a reader wants of a large variable lies in a slice of about a megabyte. */
  @Test
  void largeVariablesAreInSlices() throws IOException {
    MemoryTensors all =
        new MemoryTensors()
            .with("rows", DType.FLOAT, 100_003, 7)
            .with("whole", DType.UINT32, 1_000_000)
            .with("wide", DType.FLOAT, 2, 300_000)
            .inPieces(1 << 20);
    try (CheckpointReader reader = imported(all, "large")) {
      List<StoredSlice> slices = reader.slices("rows" + VALUE);
      assertEquals(3, slices.size());
      assertTrue(slices.stream().allMatch(slice -> slice.size() <= 1 << 20));
      assertEquals(1, reader.slices("whole" + VALUE).size(), "TensorFlow cannot join slices of it");
      assertEquals(1, reader.slices("wide" + VALUE).size(), "a row is more than a slice");
      try (TensorSource read = new CheckpointTensors(reader)) {
        for (VariableSpec tensor : all.tensors()) {
          assertArrayEquals(
              all.value(tensor.key()), MemoryTensors.read(read).get(tensor), tensor.toString());
        }
      }
    }
  }

  @Test
  void namesArePathsOfObjects() throws IOException {
    MemoryTensors all =
        new MemoryTensors()
            .with("model/dense/kernel", DType.FLOAT, 2, 2)
            .with("model/dense", DType.FLOAT)
            .with("model/dense/kernel/.OPTIMIZER_SLOT/optimizer/momentum", DType.FLOAT, 2, 2)
            .with("optimizer/iterations", DType.INT64)
            .with("save_counter", DType.INT64);
    try (CheckpointReader reader = imported(all, "named")) {
      assertEquals(
          List.of("model", "dense", "kernel", "momentum (optimizer)", "optimizer", "iterations"),
          reader.outline().stream().map(line -> line.name()).limit(6).toList());
      assertEquals(
          "save_counter" + VALUE,
          reader.named("save_counter").map(VariableSpec::key).orElse("none"));
    }
  }

  private void refused(String part, MemoryTensors tensors) throws IOException {
    String message =
        assertThrows(Mismatch.class, () -> BundleImport.write(tensors, path("bad"), OPTIONS))
            .getMessage();
    assertTrue(message.contains(part), message);
    assertEquals(List.of(), names());
  }

  @Test
  void whatIsNoCheckpointIsRefused() throws IOException {
    refused("found none", new MemoryTensors());
    refused(".ATTRIBUTES", new MemoryTensors().with("a.ATTRIBUTES/b", DType.FLOAT));
    refused(
        "is kept for a, which is not there",
        new MemoryTensors().with("a/.OPTIMIZER_SLOT/o/m", DType.FLOAT).with("o/i", DType.INT64));
  }

  @Test
  void nothingIsReplaced() throws IOException {
    MemoryTensors some = new MemoryTensors().with("a", DType.FLOAT, 3);
    BundleImport.write(some, path("mine"), OPTIONS);
    Map<String, byte[]> before = contents();
    assertThrows(Conflict.class, () -> BundleImport.write(some, path("mine"), OPTIONS));
    Files.createDirectory(folder.resolve("taken"));
    assertThrows(Conflict.class, () -> BundleImport.write(some, path("taken"), OPTIONS));
    assertEquals(List.of("mine.data-00000-of-00001", "mine.index", "taken"), names());
    before.forEach((name, bytes) -> assertArrayEquals(bytes, contents().get(name), name));
  }

  private Map<String, byte[]> contents() {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(Files::isRegularFile)
          .collect(
              Collectors.toMap(
                  file -> file.getFileName().toString(),
                  file -> {
                    try {
                      return Files.readAllBytes(file);
                    } catch (IOException e) {
                      throw new java.io.UncheckedIOException(e);
                    }
                  },
                  (a, b) -> a,
                  TreeMap::new));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void tensorsGetOtherNames() throws IOException {
    MemoryTensors some =
        new MemoryTensors()
            .with("a", DType.FLOAT, 3)
            .with("b", DType.FLOAT, 2)
            .with("c", DType.INT8);
    try (TensorSource renamed = TensorFiles.renamed(some, Map.of("a", "b", "b", "x/y"))) {
      assertEquals(
          List.of("b FLOAT[3]", "x/y FLOAT[2]", "c INT8[]"),
          renamed.tensors().stream().map(Object::toString).toList());
      Map<VariableSpec, byte[]> values = MemoryTensors.read(renamed);
      assertArrayEquals(some.value("a"), values.get(renamed.tensor("b")));
      assertArrayEquals(some.value("b"), values.get(renamed.tensor("x/y")));
    }
    Mismatch none = assertThrows(Mismatch.class, () -> TensorFiles.renamed(some, Map.of("d", "e")));
    assertTrue(none.getMessage().contains("there is no d (path=memory); its tensors are a, b, c"));
    Mismatch twice =
        assertThrows(Mismatch.class, () -> TensorFiles.renamed(some, Map.of("a", "c")));
    assertTrue(twice.getMessage().contains("both a and c would be c"), twice.getMessage());
  }

  @Test
  void keysBecomeNames() {
    assertEquals("a/b", TensorNames.ofKey("a/b" + VALUE));
    assertEquals("a.b/c/d", TensorNames.ofKey("a..b/c.Sd" + VALUE));
    assertEquals("w/.OPTIMIZER_SLOT/o.o/m", TensorNames.ofKey("w/.OPTIMIZER_SLOT/o..o/m" + VALUE));
    assertEquals("dense/kernel", TensorNames.ofKey("dense/kernel"));
    assertEquals("t/.ATTRIBUTES/table-keys", TensorNames.ofKey("t/.ATTRIBUTES/table-keys"));
    assertEquals("m/d//v", TensorNames.ofKey("m/d//v" + VALUE));
  }

  @Test
  void someTensorsAreSelected() throws IOException {
    MemoryTensors some =
        new MemoryTensors()
            .with("a", DType.FLOAT, 3)
            .with("b/c", DType.FLOAT, 2)
            .with("b/d.e", DType.INT8);
    try (TensorSource selected = TensorFiles.selected(some, List.of("a", "b/*e"))) {
      assertEquals(
          List.of("a FLOAT[3]", "b/d.e INT8[]"),
          selected.tensors().stream().map(Object::toString).toList());
      assertEquals(2, MemoryTensors.read(selected).size());
    }
    Mismatch none =
        assertThrows(
            Mismatch.class, () -> TensorFiles.selected(some, List.of("a", "x", "b/?", "b*")));
    assertTrue(none.getMessage().contains("there is no x, no b/? ("), none.getMessage());
  }

  @Test
  void keysOfOneNameAreTold() throws IOException {
    try (BundleWriter writer = BundleWriter.create(path("two"), Map.of(), Long.MAX_VALUE)) {
      for (String key : List.of("a", "a" + VALUE)) {
        writer.write(
            new VariableSpec(key, DType.INT8, Shape.scalar()), (first, into) -> into.put((byte) 1));
      }
      writer.finish();
    }
    try (CheckpointReader reader = CheckpointReader.open(path("two"), OPTIONS)) {
      Mismatch two = assertThrows(Mismatch.class, () -> new CheckpointTensors(reader));
      assertTrue(two.getMessage().contains("found a for a and a" + VALUE), two.getMessage());
    }
  }
}
