package dev.cairn.checkpoint.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.CheckpointException.UnsupportedVersion;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.VariableSpec;
import dev.cairn.checkpoint.savedmodel.SavedModelReader.Argument;
import dev.cairn.checkpoint.savedmodel.SavedModelReader.Described;
import dev.cairn.checkpoint.savedmodel.SavedModelReader.MetaGraph;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.MetaGraphDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SavedModel;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.SignatureDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.TensorInfo;
import dev.cairn.checkpoint.tensorflow.TensorFlowEnvironment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SavedModels that TensorFlow and Keras wrote, and files that are none. */
class SavedModelReaderTest {
  private static final FolderOptions OPTIONS = FolderOptions.defaults();

  @TempDir Path temp;

  @Test
  void readsWhatTensorFlowWrote() throws Exception {
    String printed = TensorFlowEnvironment.get().run("save_model.py", temp);
    Path module = temp.resolve("module");
    assertTrue(SavedModelReader.isOne(module.toString(), OPTIONS));
    assertEquals(
        new MetaGraph(
            List.of("serve"),
            TensorFlowEnvironment.VERSION,
            List.of(
                new Described(
                    "serving_default",
                    List.of(
                        new Argument(
                            "x",
                            DType.FLOAT,
                            Optional.of(List.of(-1L, 3L)),
                            "serving_default_x:0")),
                    List.of(
                        new Argument(
                            "any",
                            DType.INT32,
                            Optional.of(List.of(2L)),
                            "StatefulPartitionedCall:0"),
                        new Argument(
                            "y",
                            DType.FLOAT,
                            Optional.of(List.of(-1L, 4L)),
                            "StatefulPartitionedCall:1"))))),
        one(module));
    MetaGraph keras = one(temp.resolve("keras"));
    assertTrue(keras.toString().contains("dims=Optional[[-1, 5]]"), keras::toString);
    int compared = 0;
    int hashes = 0;
    for (String line : printed.lines().toList()) {
      String[] told = line.split("\t", -1);
      if (told[0].equals("hash")) {
        assertEquals(told[2], hash(Integer.parseInt(told[1])), line);
        hashes++;
        continue;
      }
      compared += sameBytes(temp.resolve(told[0]).toString(), told[1], told[3]);
    }
    assertTrue(compared >= 7, printed);
    assertEquals(199, hashes);
    refusesDamaged(module);
  }

  private static MetaGraph one(Path folder) throws IOException {
    List<MetaGraph> graphs = SavedModelReader.graphs(folder.toString(), OPTIONS);
    assertEquals(1, graphs.size());
    return graphs.get(0);
  }

  /** The fingerprint of so many bytes, lowest byte first. */
  private static String hash(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) (i * 7 + 3);
    }
    byte[] hash =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(Fingerprint64.of(bytes))
            .array();
    return HexFormat.of().formatHex(hash);
  }

  private static int sameBytes(String folder, String key, String hex) throws IOException {
    try (CheckpointReader reader = SavedModelReader.variables(folder, OPTIONS)) {
      VariableSpec variable = reader.variable(key).orElseThrow(() -> new AssertionError(key));
      ByteBuffer bytes = ByteBuffer.allocate(hex.length() / 2);
      reader.read(key, Slice.full(variable.shape().rank()), bytes);
      assertEquals(hex, HexFormat.of().formatHex(bytes.array()), key);
      return 1;
    }
  }

  /** Cut anywhere it is told, and never taken for a smaller one. */
  private void refusesDamaged(Path good) throws IOException {
    byte[] bytes = Files.readAllBytes(good.resolve("saved_model.pb"));
    Path bad = Files.createDirectories(temp.resolve("bad"));
    for (int length : new int[] {0, 1, 2, 5, bytes.length / 2, bytes.length - 1}) {
      Files.write(bad.resolve("saved_model.pb"), Arrays.copyOf(bytes, length));
      Corrupt cut =
          assertThrows(
              Corrupt.class,
              () -> SavedModelReader.graphs(bad.toString(), OPTIONS),
              () -> length + " bytes");
      assertTrue(cut.getMessage().contains("/bad/saved_model.pb"), cut.getMessage());
    }
    Files.writeString(bad.resolve("saved_model.pb"), "this is no model, but a text of some length");
    assertThrows(Corrupt.class, () -> SavedModelReader.graphs(bad.toString(), OPTIONS));
  }

  /** As sessions exported it before TensorFlow 2: the output is the variable itself. */
  @Test
  void aReferenceHasTheTypeOfItsValues() throws IOException {
    SignatureDef counter =
        SignatureDef.newBuilder()
            .putOutputs("value", TensorInfo.newBuilder().setDtypeValue(101).build())
            .build();
    SavedModel model =
        SavedModel.newBuilder()
            .addMetaGraphs(MetaGraphDef.newBuilder().putSignatureDef("get_counter", counter))
            .build();
    Files.write(temp.resolve("saved_model.pb"), model.toByteArray());
    Described only = one(temp).signatures().get(0);
    assertEquals(DType.FLOAT, only.outputs().get(0).type());
    NotFound none =
        assertThrows(NotFound.class, () -> SavedModelReader.variables(temp.toString(), OPTIONS));
    assertTrue(none.getMessage().contains("without any"), none.getMessage());
    assertTrue(none.getMessage().contains(temp.toString()), none.getMessage());
  }

  @Test
  void saysWhatIsNone() throws Exception {
    assertFalse(SavedModelReader.isOne(temp.toString(), OPTIONS));
    NotFound none =
        assertThrows(NotFound.class, () -> SavedModelReader.graphs(temp.toString(), OPTIONS));
    assertTrue(none.getMessage().contains("expected a folder with saved_model.pb"));
    Files.writeString(temp.resolve("saved_model.pbtxt"), "meta_graphs {}");
    assertTrue(SavedModelReader.isOne(temp.toString(), OPTIONS));
    UnsupportedVersion text =
        assertThrows(
            UnsupportedVersion.class, () -> SavedModelReader.graphs(temp.toString(), OPTIONS));
    assertTrue(text.getMessage().contains("written as text"), text.getMessage());
  }
}
