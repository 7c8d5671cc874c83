package dev.cairn.checkpoint.formats;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * A model that Keras 3 saved as {@code .keras}: a zip archive of {@code metadata.json}, {@code
 * config.json} and {@code model.weights.h5}. The weights are read by their paths, whatever layers
 * the configuration names: it is handed on as it is, and nothing in it is run or loaded.
 */
final class KerasArchive implements TensorSource {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String METADATA = "metadata.json";
  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.weights.h5";
  private static final int MOST_TEXT = 256 << 20;
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  /**
   * What a model is but for its weights.
   *
   * @param metadata who saved it, as JSON
   * @param config its layers, as JSON
   */
  record Model(byte[] metadata, byte[] config) {}

  private final LocalFile file;
  private final Model model;
  private final Hdf5File weights;

  private KerasArchive(LocalFile file, Model model, Hdf5File weights) {
    this.file = file;
    this.model = model;
    this.weights = weights;
  }

  /** Opens an archive; the file is closed with it. */
  static KerasArchive open(LocalFile file) throws IOException {
    try {
      try (ZipFile zip = Archives.open(file, ".keras")) {
        Model model = new Model(text(file, zip, METADATA), text(file, zip, CONFIG));
        return new KerasArchive(file, model, weights(file, zip));
      }
    } catch (IOException e) {
      try (file) {
        throw e;
      }
    }
  }

  private static Corrupt corrupt(LocalFile file, String why) {
    return new Corrupt(
        "Cannot read .keras: " + why + " (path=" + file.shown() + "); save the model anew");
  }

  private static byte[] text(LocalFile file, ZipFile zip, String name) throws IOException {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw corrupt(file, "expected " + name + " in the archive, found none");
    }
    byte[] bytes;
    try (InputStream in = zip.getInputStream(entry)) {
      bytes = in.readNBytes(MOST_TEXT);
    }
    try {
      JsonNode tree = JSON.readTree(bytes);
      if (tree == null || !tree.isObject()) {
        throw corrupt(file, "expected an object in " + name);
      }
    } catch (JsonProcessingException e) {
      throw corrupt(file, name + " is no JSON: " + e.getOriginalMessage());
    }
    return bytes;
  }

  private static Hdf5File weights(LocalFile file, ZipFile zip) throws IOException {
    ZipEntry entry = zip.getEntry(WEIGHTS);
    if (entry == null) {
      List<String> names = zip.stream().map(ZipEntry::getName).limit(10).toList();
      throw new Mismatch(
          "Cannot read .keras: expected "
              + WEIGHTS
              + " in the archive, found "
              + String.join(", ", names)
              + " (path="
              + file.shown()
              + "); save the model anew with Keras 3");
    }
    CRC32 crc = new CRC32();
    LocalFile copy;
    try (InputStream in = new CheckedInputStream(zip.getInputStream(entry), crc)) {
      copy = LocalFile.of(in, file.shown() + "!" + WEIGHTS);
    } catch (java.util.zip.ZipException | java.io.EOFException e) {
      throw corrupt(file, WEIGHTS + " is cut short or damaged: " + e.getMessage());
    }
    if (crc.getValue() != entry.getCrc()) {
      try (copy) {
        throw corrupt(file, "the checksum of " + WEIGHTS + " differs");
      }
    }
    return Hdf5File.open(copy);
  }

  Model model() {
    return model;
  }

  @Override
  public String path() {
    return file.shown();
  }

  @Override
  public List<VariableSpec> tensors() {
    return weights.tensors();
  }

  @Override
  public List<String> others() {
    return weights.others();
  }

  @Override
  public void read(VariableSpec tensor, Pieces into) throws IOException {
    weights.read(tensor, into);
  }

  @Override
  public void close() throws IOException {
    try (file) {
      weights.close();
    }
  }

  /**
   * Writes an archive: the weights are stored, so that Keras reads here and there in them, and so
   * handed out twice, once for their checksum.
   */
  static void write(TensorSource source, Model model, FileSink sink) throws IOException {
    CRC32 crc = new CRC32();
    FileSink counted = FileSink.counting(crc);
    Hdf5Writer.write(source, counted);
    counted.flush();
    ZipOutputStream zip = new ZipOutputStream(sink.stream(), StandardCharsets.UTF_8);
    put(zip, METADATA, model.metadata());
    put(zip, CONFIG, model.config());
    zip.putNextEntry(stored(WEIGHTS, counted.position(), crc));
    FileSink member = FileSink.over(zip);
    Hdf5Writer.write(source, member);
    member.flush();
    zip.closeEntry();
    zip.finish();
  }

  private static void put(ZipOutputStream zip, String name, byte[] text) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(ByteBuffer.wrap(text));
    zip.putNextEntry(stored(name, text.length, crc));
    zip.write(text);
    zip.closeEntry();
  }

  private static ZipEntry stored(String name, long bytes, CRC32 crc) {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(bytes);
    entry.setCrc(crc.getValue());
    entry.setTimeLocal(TIME);
    return entry;
  }
}
