package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.model.VariableSpec;
import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.api.Group;
import io.jhdf.api.Node;
import io.jhdf.api.dataset.ContiguousDataset;
import io.jhdf.object.datatype.OpaqueDataType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An HDF5 file, read by jHDF: the data sets of all groups, named by their paths. Links to other
 * places and files are not followed, as Keras does not; they are told of with whatever is no
 * number.
 *
 * <p>Memory: of data in one piece, as Keras and h5py store it, 1 MiB; of data in chunks, which jHDF
 * unpacks, some rows of about 1 MiB, twice.
 */
final class Hdf5File extends ListedTensors {
  private static final int PIECE_BYTES = 1 << 20;
  private static final int DEEPEST = 64;
  private static final long UNDEFINED = -1;

  private final LocalFile file;
  private final HdfFile hdf;
  private final FileChannel channel;
  private final Map<String, Dataset> datasets = new LinkedHashMap<>();

  private Hdf5File(LocalFile file, HdfFile hdf, FileChannel channel) {
    this.file = file;
    this.hdf = hdf;
    this.channel = channel;
  }

  /** Opens a file, which is closed with it. */
  static Hdf5File open(LocalFile file) throws IOException {
    try {
      FileChannel channel = FileChannel.open(file.file(), StandardOpenOption.READ);
      try {
        return open(file, channel);
      } catch (IOException e) {
        channel.close();
        throw e;
      }
    } catch (IOException e) {
      try (file) {
        throw e;
      }
    }
  }

  private static Hdf5File open(LocalFile file, FileChannel channel) throws IOException {
    HdfFile hdf;
    try {
      hdf = new HdfFile(file.file());
    } catch (RuntimeException e) {
      throw corrupt(file, "", e);
    }
    Hdf5File opened = new Hdf5File(file, hdf, channel);
    try {
      opened.list(hdf, "", new HashSet<>());
      return opened;
    } catch (RuntimeException e) {
      hdf.close();
      throw isUnnamedOpaque(e) ? opaque(file) : corrupt(file, "", e);
    } catch (IOException e) {
      hdf.close();
      throw e;
    }
  }

  /** jHDF tells all that is wrong with a file by exceptions of many kinds. */
  private static Corrupt corrupt(LocalFile file, String name, RuntimeException why) {
    return new Corrupt(
        "Cannot read HDF5: "
            + (name.isEmpty() ? "" : "data set " + name + ": ")
            + "expected an HDF5 file, found something else, or a part of one: "
            + (why.getMessage() == null ? why.getClass().getSimpleName() : why.getMessage())
            + " (path="
            + file.shown()
            + "); write the file anew",
        why);
  }

  /**
   * jHDF stumbles over a type of opaque bytes without a name, which is what NumPy makes of
   * bfloat16.
   */
  private static boolean isUnnamedOpaque(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      for (StackTraceElement frame : cause.getStackTrace()) {
        if (frame.getClassName().equals(OpaqueDataType.class.getName())) {
          return true;
        }
      }
    }
    return false;
  }

  private static Mismatch opaque(LocalFile file) {
    return new Mismatch(
        "Cannot read HDF5: expected numbers, found bytes of no type, as Keras stores bfloat16, which"
            + " jHDF does not read (path="
            + file.shown()
            + "); have Keras save the weights as float32");
  }

  private void list(Group group, String path, Set<Long> above) throws IOException {
    if (above.size() > DEEPEST || !above.add(group.getAddress())) {
      throw new Corrupt(
          "Cannot read HDF5: expected groups within groups at most "
              + DEEPEST
              + " deep and none within itself, found "
              + path
              + " (path="
              + file.shown()
              + ")");
    }
    for (Node node : group.getChildren().values()) {
      String name = path.isEmpty() ? node.getName() : path + "/" + node.getName();
      if (node.isLink()) {
        leaveOut(name + ": is a link to another place");
      } else if (node instanceof Group inner) {
        list(inner, name, above);
      } else if (node instanceof Dataset dataset) {
        add(name, dataset);
      } else {
        leaveOut(name + ": is no data set");
      }
    }
    above.remove(group.getAddress());
  }

  private void add(String name, Dataset dataset) throws IOException {
    Optional<DType> type = Hdf5Types.of(dataset);
    if (type.isEmpty()) {
      leaveOut(name + ": " + dataset.getDataType().getClass().getSimpleName() + " is no number");
      return;
    }
    int[] dimensions = dataset.getDimensions();
    long[] dims = new long[dimensions.length];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = dimensions[i];
    }
    VariableSpec tensor = new VariableSpec(name, type.get(), Shape.of(dims));
    Optional<Long> start = start(dataset);
    if (start.isPresent()
        && (start.get() < 0 || start.get() + TensorWrites.bytes(tensor) > channel.size())) {
      throw new Corrupt(
          "Cannot read HDF5: data set "
              + tensor
              + ": expected "
              + TensorWrites.bytes(tensor)
              + " bytes from "
              + start.get()
              + " on, found a file of "
              + channel.size()
              + " (path="
              + file.shown()
              + "); it is cut short: write it anew");
    }
    datasets.put(name, dataset);
    found(tensor);
  }

  /** Where the elements begin in the file; empty if they lie in chunks, or nowhere. */
  private Optional<Long> start(Dataset dataset) {
    return dataset instanceof ContiguousDataset contiguous
            && contiguous.getDataAddress() != UNDEFINED
        ? Optional.of(hdf.getUserBlockSize() + contiguous.getDataAddress())
        : Optional.empty();
  }

  @Override
  public String path() {
    return file.shown();
  }

  @Override
  public void read(VariableSpec tensor, Pieces into) throws IOException {
    Dataset dataset = datasets.get(tensor.key());
    if (dataset == null) {
      throw missing(tensor.key());
    }
    if (TensorWrites.bytes(tensor) == 0) {
      return;
    }
    Optional<Long> start = start(dataset);
    if (start.isPresent()) {
      readPlain(tensor, start.get(), Hdf5Types.isBigEndian(dataset), into);
    } else {
      try {
        new Hdf5Chunks(file, tensor, dataset).to(into);
      } catch (RuntimeException e) {
        throw corrupt(file, tensor.key(), e);
      }
    }
  }

  private void readPlain(VariableSpec tensor, long start, boolean bigEndian, Pieces into)
      throws IOException {
    long bytes = TensorWrites.bytes(tensor);
    byte[] buffer = new byte[(int) Math.min(PIECE_BYTES, bytes)];
    int count;
    for (long done = 0; done < bytes; done += count) {
      count = (int) Math.min(buffer.length, bytes - done);
      ByteBuffer piece = ByteBuffer.wrap(buffer, 0, count);
      while (piece.hasRemaining()) {
        if (channel.read(piece, start + done + piece.position()) < 0) {
          throw new Corrupt(
              "Cannot read HDF5: the file became shorter while it was read (path="
                  + file.shown()
                  + ")");
        }
      }
      if (bigEndian) {
        ByteOrders.swap(buffer, count, tensor.dtype().elementBytes());
      }
      into.take(piece.flip().order(ByteOrder.LITTLE_ENDIAN));
    }
  }

  @Override
  public void close() throws IOException {
    try (file;
        channel) {
      hdf.close();
    }
  }
}
