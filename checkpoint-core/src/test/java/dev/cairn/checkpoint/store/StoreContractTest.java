package dev.cairn.checkpoint.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException.Conflict;
import dev.cairn.checkpoint.model.CheckpointException.Failed;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests the contract that the commit builds upon, on local disk and on a real HDFS: nothing is
 * overwritten (I3), no file comes back without its folder, a rename onto something is refused.
 */
class StoreContractTest {

  enum Where {
    LOCAL,
    HDFS
  }

  @TempDir Path folder;
  private CheckpointStore store;
  private String home;

  private void open(Where where) throws Exception {
    if (where == Where.LOCAL) {
      home = CheckpointStores.qualify(folder.toString(), new TreeMap<>());
      store = CheckpointStores.open(home, new TreeMap<>());
    } else {
      MiniHdfs hdfs = MiniHdfs.shared();
      home = hdfs.uri("/contract-" + folder.getFileName());
      store = CheckpointStores.open(home, SkewedHdfs.properties(hdfs.clientProperties()));
    }
    store.makeDirectories(at("a/b"));
    write("a/file", "old");
  }

  private String at(String name) {
    return CheckpointFileNames.child(home, name);
  }

  private void write(String name, String text) throws IOException {
    try (StoreOutput out = store.create(at(name))) {
      out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
      out.sync();
    }
  }

  private String read(String name) throws IOException {
    try (StoreInput in = store.open(at(name))) {
      ByteBuffer into = ByteBuffer.allocate((int) in.length());
      in.readFully(0, into);
      ByteBuffer beyond = ByteBuffer.allocate(1);
      assertThrows(EOFException.class, () -> in.readFully(in.length(), beyond));
      return new String(into.array(), StandardCharsets.US_ASCII);
    }
  }

  @ParameterizedTest
  @EnumSource
  void createNeverOverwritesAndMakesNoFolder(Where where) throws Exception {
    open(where);
    assertThrows(Conflict.class, () -> store.create(at("a/file")));
    assertThrows(NotFound.class, () -> store.create(at("gone/file")));
    assertFalse(store.stat(at("gone")).isPresent());
    assertEquals("old", read("a/file"));
  }

  @ParameterizedTest
  @EnumSource
  void renameNeverReplaces(Where where) throws Exception {
    open(where);
    store.makeDirectory(at("c"));
    write("c/file", "new");
    store.makeDirectory(at("empty"));
    assertThrows(Conflict.class, () -> store.rename(at("c"), at("a")), "onto a full folder");
    assertThrows(Conflict.class, () -> store.rename(at("c"), at("empty")), "onto an empty one");
    assertThrows(Conflict.class, () -> store.rename(at("c/file"), at("a/file")), "onto a file");
    assertEquals("old", read("a/file"));
    assertEquals("new", read("c/file"));
    assertEquals(List.of(), store.list(at("empty")));
    assertThrows(NotFound.class, () -> store.rename(at("none"), at("d")));

    store.rename(at("c"), at("d"));
    assertEquals("new", read("d/file"));
    assertFalse(store.stat(at("c")).isPresent());
    assertThrows(NotFound.class, () -> store.rename(at("c"), at("e")));
  }

  @ParameterizedTest
  @EnumSource
  void replacePutsAFileOntoAnother(Where where) throws Exception {
    open(where);
    write("new", "new");
    store.replace(at("new"), at("a/file"));
    assertEquals("new", read("a/file"));
    assertFalse(store.stat(at("new")).isPresent());
    write("first", "first");
    store.replace(at("first"), at("second"));
    assertEquals("first", read("second"));
  }

  @ParameterizedTest
  @EnumSource
  void foldersAreMadeAndListed(Where where) throws Exception {
    open(where);
    store.makeDirectories(at("a/b"));
    assertThrows(Conflict.class, () -> store.makeDirectory(at("a/file")));
    assertThrows(NotFound.class, () -> store.makeDirectory(at("gone/b")));
    Failed file = assertThrows(Failed.class, () -> store.makeDirectories(at("a/file")));
    assertTrue(
        String.valueOf(file.getMessage()).contains("expected a folder, found a file"),
        file::getMessage);
    List<StoredFile> found = store.list(at("a"));
    assertEquals(List.of("b", "file"), found.stream().map(StoredFile::name).toList());
    assertTrue(found.get(0).isDirectory() && found.get(1).isFile());
    assertEquals(3, found.get(1).length());
    assertThrows(NotFound.class, () -> store.list(at("gone")));
    assertThrows(NotFound.class, () -> store.open(at("gone")));
    assertThrows(NotFound.class, () -> store.touch(at("gone")));
  }

  /** Whatever this machine's clock says: that of HDFS is an hour ahead here. */
  @ParameterizedTest
  @EnumSource
  void touchSetsThePresentOfTheStorage(Where where) throws Exception {
    open(where);
    write("before", "x");
    store.touch(at("a/file"));
    write("after", "x");
    long touched = modified("a/file");
    assertTrue(modified("before") <= touched && touched <= modified("after"), "" + touched);
    assertEquals("old", read("a/file"));
    assertEquals(List.of("b", "file"), store.list(at("a")).stream().map(StoredFile::name).toList());
  }

  private long modified(String name) throws IOException {
    return store.stat(at(name)).orElseThrow().modifiedMillis();
  }

  @ParameterizedTest
  @EnumSource
  void deleteTakesOneThing(Where where) throws Exception {
    open(where);
    assertThrows(Failed.class, () -> store.delete(at("a")), "a folder with something in it");
    assertEquals("old", read("a/file"));
    assertTrue(store.delete(at("a/file")));
    assertFalse(store.delete(at("a/file")));
    assertTrue(store.delete(at("a/b")));
    assertTrue(store.delete(at("a")));
    assertFalse(store.stat(at("a")).isPresent());
  }
}
