package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.checkpoint.store.CheckpointStore;
import dev.cairn.checkpoint.store.CheckpointStores;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Files of named tensors, read and written: their endings say which format they have.
 *
 * <pre>{@code
 * try (TensorSource checkpoint = new CheckpointTensors(CheckpointReader.open(path, options))) {
 *   TensorFiles.write(checkpoint, "model.safetensors", false, options);
 * }
 * try (TensorSource file = TensorFiles.open("model.keras", options)) {
 *   BundleImport.write(file, "runs/model", options);
 * }
 * }</pre>
 *
 * Stateless.
 */
public final class TensorFiles {

  /** The endings that are known, for messages. */
  public static final String ENDINGS = ".weights.h5, .keras, .safetensors, .npz";

  private TensorFiles() {}

  private enum Kind {
    WEIGHTS(".weights.h5"),
    HDF5(".h5"),
    KERAS(".keras"),
    SAFETENSORS(".safetensors"),
    NPZ(".npz");

    private final String ending;

    Kind(String ending) {
      this.ending = ending;
    }
  }

  private static Optional<Kind> known(String path) {
    String name = CheckpointFileNames.lastPart(path).toLowerCase(Locale.ROOT);
    for (Kind kind : Kind.values()) {
      if (name.endsWith(kind.ending) && name.length() > kind.ending.length()) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }

  private static Kind kind(String path) throws Mismatch {
    return known(path)
        .orElseThrow(
            () ->
                new Mismatch(
                    "Cannot tell what kind of file this is: expected a name that ends in one of "
                        + ENDINGS
                        + ", found "
                        + CheckpointFileNames.lastPart(path)
                        + " (path="
                        + path
                        + ")"));
  }

  /** Whether a path's ending is that of a file of named tensors. */
  public static boolean isNamed(String path) {
    return known(path).isPresent();
  }

  /**
   * Opens a file. One that is not on this machine's disk is copied there first, unless it is
   * safetensors.
   *
   * @throws Mismatch if the ending says nothing, or for a tensor of a type that TensorFlow lacks
   */
  public static TensorSource open(String path, FolderOptions options) throws IOException {
    String full = CheckpointStores.qualify(path, options.hadoopProperties());
    Kind kind = kind(full);
    CheckpointStore store = CheckpointStores.open(full, options.hadoopProperties());
    try {
      return switch (kind) {
        case WEIGHTS, HDF5 -> Hdf5File.open(LocalFile.of(store, full));
        case KERAS -> KerasArchive.open(LocalFile.of(store, full));
        case SAFETENSORS -> SafetensorsFile.open(store, full);
        case NPZ -> NpzFile.open(LocalFile.of(store, full));
      };
    } catch (IOException e) {
      try (store) {
        throw e;
      }
    }
  }

  /**
   * The tensors of a source, some of them under other names.
   *
   * @param names what the source calls a tensor, and what it is to be called
   * @throws Mismatch if the source has no such tensor, or two would have one name
   */
  public static TensorSource renamed(TensorSource source, Map<String, String> names)
      throws Mismatch {
    return names.isEmpty() ? source : new RenamedTensors(source, names);
  }

  /**
   * Some of the tensors of a source.
   *
   * @param names whole names; a {@code *} in one stands for any text, with slashes
   * @throws Mismatch if one of them names no tensor
   */
  public static TensorSource selected(TensorSource source, List<String> names) throws Mismatch {
    return names.isEmpty() ? source : new SelectedTensors(source, names);
  }

  /**
   * Writes all tensors of a source into a file, which appears under its name when it is whole.
   *
   * @param path its ending says which format
   * @param overwrite whether a file of that name is replaced
   * @return bytes of the file
   * @throws Mismatch if the ending says nothing, or the format lacks a type or a name; for a {@code
   *     .keras}, which needs a model: see {@link #writeLike}
   */
  public static long write(
      TensorSource source, String path, boolean overwrite, FolderOptions options)
      throws IOException {
    Kind kind = kind(path);
    if (kind == Kind.WEIGHTS) {
      KerasNames.require(source);
    }
    if (kind == Kind.KERAS) {
      throw new Mismatch(
          "Cannot write .keras: expected a model that Keras saved, whose layers it is to have,"
              + " found none (path="
              + path
              + "); name one, or write .weights.h5");
    }
    return FileSink.write(
        path,
        overwrite,
        options,
        switch (kind) {
          case WEIGHTS, HDF5, KERAS -> sink -> Hdf5Writer.write(source, sink);
          case SAFETENSORS -> sink -> SafetensorsWriter.write(source, sink);
          case NPZ -> sink -> NpzWriter.write(source, sink);
        });
  }

  /**
   * Writes the file of a model that another file describes: with the names and shapes of its
   * tensors, where dimensions of one do not count, and, of a {@code .keras}, with its layers.
   *
   * @param model a file of that model, trained or not; for a {@code .keras} one that Keras saved
   * @throws Mismatch if the source's tensors are not exactly those of the model, all differences at
   *     once
   */
  public static long writeLike(
      TensorSource source, String model, String path, boolean overwrite, FolderOptions options)
      throws IOException {
    Kind kind = kind(path);
    try (TensorSource like = open(model, options)) {
      TensorSource shaped = new LikeTensors(source, like); // not closed: the caller does that
      if (kind != Kind.KERAS) {
        return write(shaped, path, overwrite, options);
      }
      if (like instanceof KerasArchive archive) {
        return FileSink.write(
            path, overwrite, options, sink -> KerasArchive.write(shaped, archive.model(), sink));
      }
      throw new Mismatch(
          "Cannot write .keras: expected a .keras whose layers it is to have, found "
              + CheckpointFileNames.lastPart(model)
              + " (path="
              + model
              + ")");
    }
  }
}
