package dev.cairn.checkpoint.formats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.MiniHdfs;
import dev.cairn.checkpoint.store.StoredFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Files that lie in HDFS: what cannot be read there is copied here, and nothing stays behind. */
@Tag("long")
final class HdfsFilesTest {

  private static List<String> temporary() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith("cairn"))
          .sorted()
          .toList();
    }
  }

  @Test
  void filesAreWrittenAndReadThere() throws Exception {
    MiniHdfs hdfs = MiniHdfs.shared();
    FolderOptions options = FolderOptions.defaults().withHadoopProperties(hdfs.clientProperties());
    MemoryTensors some =
        new MemoryTensors()
            .with("a", DType.FLOAT, 700, 500)
            .with("b", DType.INT64)
            .inPieces(999_992);
    List<String> before = temporary();
    for (String ending : List.of(".safetensors", ".npz", ".h5")) {
      String file = hdfs.uri("/formats/some" + ending);
      TensorFiles.write(some, file, false, options);
      TensorFiles.write(some, file, true, options);
      try (TensorSource read = TensorFiles.open(file, options)) {
        for (VariableSpec tensor : some.tensors()) {
          assertArrayEquals(
              some.value(tensor.key()), MemoryTensors.read(read).get(tensor), ending + tensor);
        }
        BundleImport.write(read, hdfs.uri("/formats/checkpoint" + ending), options);
      }
      try (TensorSource read =
          new CheckpointTensors(
              CheckpointReader.open(hdfs.uri("/formats/checkpoint" + ending), options))) {
        assertArrayEquals(some.value("a"), MemoryTensors.read(read).get(read.tensor("a")));
      }
    }
    assertEquals(before, temporary());
    String folder = hdfs.uri("/formats");
    try (CheckpointStore store = CheckpointStores.open(folder, options.hadoopProperties())) {
      List<String> names = store.list(folder).stream().map(StoredFile::name).toList();
      assertEquals(9, names.size(), names.toString());
    }
  }
}
