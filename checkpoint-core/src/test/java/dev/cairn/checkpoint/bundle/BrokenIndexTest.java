package dev.cairn.checkpoint.bundle;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.UnsupportedVersion;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.Slice;
import dev.cairn.checkpoint.model.StoredSlice;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.xerial.snappy.Snappy;

/** Indexes whose checksums are right but whose contents are not (S30, S63, S65). */
class BrokenIndexTest {

  private static final String HEADER = "08011a020801";
  private static final HexFormat HEX = HexFormat.of();

  /** A table of these entries: key in Latin-1, value in hexadecimal. */
  private static byte[] table(String... entries) throws IOException {
    TreeMap<String, String> sorted = new TreeMap<>();
    for (int i = 0; i < entries.length; i += 2) {
      sorted.put(entries[i], entries[i + 1]);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TableWriter table = new TableWriter(out);
    for (String key : sorted.keySet()) {
      table.add(key.getBytes(StandardCharsets.ISO_8859_1), HEX.parseHex(sorted.get(key)));
    }
    table.finish();
    return out.toByteArray();
  }

  private static String corrupt(String... entries) throws IOException {
    byte[] bytes = table(entries);
    String message =
        assertThrows(Corrupt.class, () -> BundleIndex.read(bytes, "x.index")).getMessage();
    assertTrue(message.contains("path=x.index"), message);
    return message;
  }

  @Test
  void headers() throws IOException {
    corrupt();
    corrupt("a", "0801");
    corrupt("", "");
    corrupt("", "0880808080f8ffffffff01");
    corrupt("", "ff");
    byte[] newer = table("", "08011a0410021002");
    assertThrows(UnsupportedVersion.class, () -> BundleIndex.read(newer, "x.index"));
    byte[] bad = table("", "08011a021801");
    assertThrows(UnsupportedVersion.class, () -> BundleIndex.read(bad, "x.index"));
    assertFalse(BundleIndex.read(table("", "0801"), "x").bigEndian());
    assertTrue(BundleIndex.read(table("", "08011001"), "x").bigEndian());
    assertTrue(corrupt("", "08011002").contains("endianness"));
    assertEquals(1, BundleIndex.read(table("", "0801"), "without version").shards());
  }

  @Test
  void entries() throws IOException {
    String good = "0801120412020802" + "2808" + "3500000000";
    assertEquals(1, BundleIndex.read(table("", HEADER, "v", good), "x").slices().size());
    corrupt("", HEADER, "v", "");
    corrupt("", HEADER, "v", "ffff");
    assertTrue(corrupt("", HEADER, "v", good + "1801").contains("data file 1"));
    corrupt("", HEADER, "v", good + "18ffffffffffffffffff01");
    corrupt("", HEADER, "v", good + "20ffffffffffffffffff01");
    assertTrue(corrupt("", HEADER, "v", "0801120412020802" + "2807").contains("found 7 bytes"));
    corrupt("", HEADER, "v", "0801" + "12021801" + "2804");
    // Dimensions whose product is more than 2^63, and negative ones.
    corrupt("", HEADER, "v", "0801121812" + "0a08ffffffffffffffff7f12" + "0a08ffffffffffffffff7f");
    corrupt("", HEADER, "v", "0801120d120b08ffffffffffffffffff01");
    // Slices: no entry for one, one outside, one twice, one that no variable lists.
    assertTrue(corrupt("", HEADER, "v", "08011204120208023a040a021001").contains("has no entry"));
    corrupt("", HEADER, "v", "08011204120208023a040a021003");
    corrupt("", HEADER, "\0\1v\0\1\1\1\u0080\u0081", "0801120412020801" + "2804");
  }

  /** TensorFlow takes any bytes for a key: two that differ stay two, and go back as they came. */
  @Test
  void keysThatAreNoUtf8() throws IOException {
    String good = "0801120412020802" + "2808" + "3500000000";
    byte[] table = table("", HEADER, "\u00ff\u00fe", good, "\u00ff\u00fd", good, "a\u00e4", good);
    List<String> keys = List.copyOf(BundleIndex.read(table, "x").slices().keySet());
    assertEquals(List.of("a\udce4", "\udcff\udcfd", "\udcff\udcfe"), keys);
    assertArrayEquals(new byte[] {'a', (byte) 0xe4}, Keys.encode(keys.get(0)));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    StoredSlice half =
        new StoredSlice(
            new VariableSpec(keys.get(1), DType.INT8, Shape.of(2)),
            Slice.rows(0, 1, 1),
            0,
            0,
            1,
            0);
    StoredSlice other = new StoredSlice(half.variable(), Slice.rows(1, 1, 1), 0, 1, 1, 0);
    BundleIndex.write(1, List.of(half, other), out);
    BundleIndex again = BundleIndex.read(out.toByteArray(), "x");
    assertEquals(List.of(half, other), again.slices().get(keys.get(1)));
    for (String utf8 : List.of("", "gr\u00f6\u00dfe", "\ud83d\ude00", "a/\u20ac\ud83d\udc80b")) {
      byte[] bytes = utf8.getBytes(StandardCharsets.UTF_8);
      assertEquals(utf8, Keys.decode(bytes));
      assertArrayEquals(bytes, Keys.encode(utf8));
    }
    java.util.Random random = new java.util.Random(4);
    for (int i = 0; i < 2000; i++) {
      byte[] bytes = new byte[random.nextInt(12)];
      random.nextBytes(bytes);
      assertArrayEquals(bytes, Keys.encode(Keys.decode(bytes)));
    }
  }

  /** The block of handles may be compressed as well as those that they point to. */
  @Test
  void compressedBlockIndex() throws IOException {
    String good = "0801120412020802" + "2808" + "3500000000";
    byte[] packed =
        BlockTables.compressedIndex(BlockTables.compressed(table("", HEADER, "v", good)));
    assertEquals(List.of("v"), List.copyOf(BundleIndex.read(packed, "x").slices().keySet()));
  }

  /** A type of the future is listed, but never written. */
  @Test
  void unknownTypeIsListed() throws IOException {
    BundleIndex index = BundleIndex.read(table("", HEADER, "v", "0863120012002803"), "x");
    StoredSlice stored = index.slices().get("v").get(0);
    assertEquals(DType.UNKNOWN, stored.variable().dtype());
    assertThrows(
        IllegalArgumentException.class,
        () -> BundleIndex.write(1, List.of(stored), new ByteArrayOutputStream()));
  }

  /** Blocks may be compressed, though no checkpoint's writer does so; the bytes are by hand. */
  @Test
  void compressedBlocks() throws Exception {
    byte[] literals = HEX.parseHex("03" + "08616263");
    assertArrayEquals("abc".getBytes(StandardCharsets.US_ASCII), snappy(literals));
    byte[] copies = HEX.parseHex("11" + "08616263" + "0903" + "1e0100");
    assertArrayEquals("abcabcabccccccccc".getBytes(StandardCharsets.US_ASCII), snappy(copies));
    for (int cut = 0; cut < copies.length; cut++) {
      byte[] part = java.util.Arrays.copyOf(copies, cut);
      assertThrows(SnappyBlock.Malformed.class, () -> snappy(part), "cut at " + cut);
    }
    for (String wrong :
        List.of("ffffffff7f00", "05" + "1e0100", "02" + "0061" + "0200" + "00", "ffffffffff01")) {
      assertThrows(SnappyBlock.Malformed.class, () -> snappy(HEX.parseHex(wrong)), wrong);
    }

    byte[] plain = GoldenBundleTest.golden("ckpt-7.index");
    byte[] packed = BlockTables.compressed(plain);
    assertEquals(
        BundleIndex.read(plain, "plain").slices(), BundleIndex.read(packed, "packed").slices());
  }

  @Test
  void aBlockOfAnyContentsComesBack() throws Exception {
    Random random = new Random(7);
    for (int size : new int[] {0, 1, 60, 4096, 1 << 20}) {
      byte[] plain = new byte[size];
      for (int i = 0; i < size; i++) {
        plain[i] = (byte) (random.nextInt(8) == 0 ? random.nextInt(256) : i >> 7);
      }
      byte[] packed = Snappy.compress(plain);
      byte[] within = new byte[packed.length + 20];
      System.arraycopy(packed, 0, within, 13, packed.length);
      assertArrayEquals(plain, SnappyBlock.decompress(within, 13, packed.length), size + " bytes");
      for (int i = 0; i < 500 && size > 1; i++) {
        byte[] damaged = packed.clone();
        damaged[random.nextInt(packed.length)] ^= (byte) (1 << random.nextInt(8));
        try {
          assertTrue(snappy(damaged).length <= 24L * packed.length);
        } catch (SnappyBlock.Malformed expected) {
          // The other way to answer; not every flipped bit is noticed: blocks have checksums.
        }
      }
    }
    byte[] zeros = Snappy.compress(new byte[1 << 20]);
    assertArrayEquals(new byte[1 << 20], snappy(zeros), "nothing expands further than zeros do");
  }

  /** The library may be missing, or lie where nothing may be run from: that is no damaged file. */
  @Test
  void withoutSnappyOneIsToldWhatToDo() throws Exception {
    List<URL> path = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      if (!entry.contains("snappy-java")) {
        path.add(new File(entry).toURI().toURL());
      }
    }
    byte[] table = BlockTables.compressed(GoldenBundleTest.golden("ckpt-7.index"));
    try (URLClassLoader bare =
        new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      Class<?> index = bare.loadClass(BundleIndex.class.getName());
      Method read = index.getDeclaredMethod("read", byte[].class, String.class);
      read.setAccessible(true);
      Throwable refusal =
          assertThrows(
                  InvocationTargetException.class, () -> read.invoke(null, table, "packed.index"))
              .getCause();
      assertEquals(CheckpointException.Failed.class.getName(), refusal.getClass().getName());
      String message = String.valueOf(refusal.getMessage());
      assertTrue(message.contains("path=packed.index"), message);
      assertTrue(message.contains("-Dorg.xerial.snappy.tempdir"), message);
    }
  }

  /** Few bytes must not stand for very many: keys share what came before. */
  @Test
  void keysThatExpandTooFar() {
    Bytes most = new Bytes();
    most.varint(0).varint(1 << 17).varint(0);
    most.write(new byte[1 << 17], 0, 1 << 17);
    refused(most.fixed32(0).fixed32(1).toArray(), "within its block");

    Bytes many = new Bytes().varint(0).varint(1 << 16).varint(0);
    many.write(new byte[1 << 16], 0, 1 << 16);
    for (int i = 0; i < 20_000; i++) {
      int b = i % 255 + 1;
      many.varint((1 << 16) - 1 - (i < 255 ? 0 : 1)).varint(i < 255 ? 1 : 2).varint(0);
      byte[] own = i < 255 ? new byte[] {(byte) b} : new byte[] {(byte) (i / 255), (byte) b};
      many.write(own, 0, own.length);
    }
    refused(many.fixed32(0).fixed32(1).toArray(), "512 times");
  }

  /** A search would not find what lies in the wrong block. */
  @Test
  void separatorsBelowTheirBlocks() {
    byte[] table =
        BlockTables.around(HEX.parseHex("000100" + "62" + "0000000001000000"), 0, one('a'));
    String message =
        assertThrows(Corrupt.class, () -> new TableReader(table, "t").read((k, b, o, l) -> {}))
            .getMessage();
    assertTrue(message.contains("a block's last key"), message);
  }

  private static byte[] one(char c) {
    return new byte[] {(byte) c};
  }

  private static void refused(byte[] block, String why) {
    byte[] table = BlockTables.around(block, 0);
    String message =
        assertThrows(Corrupt.class, () -> new TableReader(table, "t").read((k, b, o, l) -> {}))
            .getMessage();
    assertTrue(message.contains(why), message);
  }

  private static byte[] snappy(byte[] bytes) throws SnappyBlock.Malformed {
    return SnappyBlock.decompress(bytes, 0, bytes.length);
  }
}
