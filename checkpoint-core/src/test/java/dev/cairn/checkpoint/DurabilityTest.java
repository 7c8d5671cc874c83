package dev.cairn.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import dev.cairn.checkpoint.store.DurableDisk;
import dev.cairn.checkpoint.store.StoreOutput;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A power loss cannot be had in a test, but the order of the calls can (I2): every file is synced
 * after its last byte and closed before the one rename, the manifest comes last, the state file
 * after the commit, and what expires is named nowhere before it goes.
 */
class DurabilityTest {

  @TempDir Path folder;
  private final List<String> calls = new ArrayList<>();

  private final class Recording extends ForwardingStore {
    Recording(CheckpointStore store) {
      super(store);
    }

    @Override
    public StoreOutput create(String path) throws IOException {
      String name = CheckpointFileNames.lastPart(path);
      StoreOutput out = super.create(path);
      return new StoreOutput() {
        @Override
        public void write(ByteBuffer bytes) throws IOException {
          calls.add("write " + name);
          out.write(bytes);
        }

        @Override
        public void sync() throws IOException {
          calls.add("sync " + name);
          out.sync();
        }

        @Override
        public void close() throws IOException {
          calls.add("close " + name);
          out.close();
        }
      };
    }

    @Override
    public void rename(String from, String to) throws IOException {
      calls.add("rename to " + CheckpointFileNames.lastPart(to));
      super.rename(from, to);
    }

    @Override
    public void replace(String from, String to) throws IOException {
      calls.add("replace " + CheckpointFileNames.lastPart(to));
      super.replace(from, to);
    }

    @Override
    public void close() {}
  }

  private int only(String call) {
    assertEquals(1, calls.stream().filter(call::equals).count(), call + " in " + calls);
    return calls.indexOf(call);
  }

  private int last(String start) {
    int last = -1;
    for (int i = 0; i < calls.size(); i++) {
      last = calls.get(i).startsWith(start) ? i : last;
    }
    assertTrue(last >= 0, start + " in " + calls);
    return last;
  }

  @Test
  void everyFileIsDurableBeforeTheRename() throws Exception {
    String directory = CheckpointStores.qualify(folder.toString(), new TreeMap<>());
    CheckpointStore store = new Recording(CheckpointStores.open(directory, new TreeMap<>()));
    try (CheckpointFolder checkpoints =
        CheckpointFolder.open(store, directory, TestCheckpoints.OPTIONS.withKeep(1))) {
      TestCheckpoints.save(checkpoints, store, 1, 2);
      calls.clear();
      TestCheckpoints.save(checkpoints, store, 2, 2);
    }
    int commit = only("rename to ckpt-2");
    int before = -1;
    for (String file :
        List.of(
            "variables.data-00000-of-00002",
            "variables.data-00001-of-00002",
            "variables.index",
            "manifest.json")) {
      int synced = only("sync " + file);
      assertTrue(last("write " + file) < synced, calls.toString());
      // Closed a second time does no harm: a file that was finished is.
      assertTrue(calls.indexOf("close " + file) > synced, calls.toString());
      assertTrue(last("close " + file) < commit, calls.toString());
      assertTrue(synced > before, "in this order");
      before = synced;
    }
    int state = only("replace checkpoint");
    assertTrue(commit < state, calls.toString());
    assertTrue(last("sync .checkpoint-") < state, calls.toString());
    assertTrue(state < last("rename to .expired-ckpt-1-"), calls.toString());
  }

  /** A saved model, say, which has folders within it. */
  @Test
  void aFolderThatIsReplacedIsDurableBeforeTheRename() throws Exception {
    DurableDisk disk = new DurableDisk(true);
    String target = "file://" + folder.resolve("models/a");
    for (int round = 0; round < 2; round++) {
      try (FolderReplacement replacement = FolderReplacement.begin(disk, target)) {
        String inner = CheckpointFileNames.child(replacement.folder(), "assets/words");
        disk.makeDirectories(inner);
        try (StoreOutput out = disk.create(CheckpointFileNames.child(inner, "list.txt"))) {
          out.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
          out.finish();
        }
        replacement.commit();
      }
      assertEquals(Set.of(), disk.violations);
      assertEquals(Set.of(), disk.lost());
    }
    assertTrue(Files.exists(folder.resolve("models/a/assets/words/list.txt")));
  }
}
