package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.VariableSpec;
import io.jhdf.api.Dataset;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The elements of a data set that does not lie in the file in one piece: in chunks, compressed or
 * not, or within its header. jHDF hands out Java arrays of some rows, whose numbers become bytes
 * again here. Not thread-safe.
 */
final class Hdf5Chunks implements Pieces.Source {
  private static final int PIECE_BYTES = 1 << 20;
  private static final long MOST_ROW = 64L << 20;

  private final LocalFile file;
  private final VariableSpec tensor;
  private final Dataset dataset;

  Hdf5Chunks(LocalFile file, VariableSpec tensor, Dataset dataset) {
    this.file = file;
    this.tensor = tensor;
    this.dataset = dataset;
  }

  @Override
  public void to(Pieces into) throws IOException {
    switch (tensor.dtype()) {
      case HALF, BFLOAT16, BOOL ->
          throw new Mismatch(
              "Cannot read HDF5: expected data in one piece, found "
                  + tensor
                  + " in chunks (path="
                  + file.shown()
                  + "); write it without chunks");
      default -> {}
    }
    if (dataset.isEmpty()) {
      throw new Mismatch(
          "Cannot read HDF5: expected numbers in data set "
              + tensor
              + ", found that none were ever written (path="
              + file.shown()
              + ")");
    }
    if (tensor.shape().rank() == 0) {
      ByteBuffer one = allocate(1);
      put(dataset.getData(), one);
      into.take(one.flip());
      return;
    }
    long rowBytes = tensor.shape().rowElements() * tensor.dtype().elementBytes();
    if (rowBytes > MOST_ROW) {
      throw new Mismatch(
          "Cannot read HDF5: expected rows of at most "
              + MOST_ROW
              + " bytes where data lies in chunks, found "
              + rowBytes
              + " of "
              + tensor
              + " (path="
              + file.shown()
              + "); write it without chunks");
    }
    long rows = tensor.shape().rows();
    int step = (int) Math.min(rows, Math.max(1, PIECE_BYTES / rowBytes));
    int[] count = dataset.getDimensions().clone();
    long[] from = new long[count.length];
    while (from[0] < rows) {
      count[0] = (int) Math.min(step, rows - from[0]);
      ByteBuffer piece = allocate(count[0] * tensor.shape().rowElements());
      put(dataset.getData(from, count), piece);
      into.take(piece.flip());
      from[0] += count[0];
    }
  }

  private ByteBuffer allocate(long elements) {
    return ByteBuffer.allocate(Math.toIntExact(elements * tensor.dtype().elementBytes()))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The numbers of arrays, of arrays of them, or a single one. */
  private void put(Object numbers, ByteBuffer into) {
    if (numbers instanceof float[] floats) {
      for (float number : floats) {
        into.putFloat(number);
      }
    } else if (numbers instanceof double[] doubles) {
      for (double number : doubles) {
        into.putDouble(number);
      }
    } else if (numbers instanceof byte[] bytes) {
      into.put(bytes);
    } else if (numbers instanceof short[] shorts) {
      for (short number : shorts) {
        whole(number, into);
      }
    } else if (numbers instanceof int[] ints) {
      for (int number : ints) {
        whole(number, into);
      }
    } else if (numbers instanceof long[] longs) {
      for (long number : longs) {
        whole(number, into);
      }
    } else if (numbers instanceof Object[] parts) {
      for (Object part : parts) {
        put(part, into);
      }
    } else if (numbers instanceof Float number) {
      into.putFloat(number);
    } else if (numbers instanceof Double number) {
      into.putDouble(number);
    } else if (numbers instanceof Number number) {
      whole(number.longValue(), into);
    } else {
      throw new IllegalArgumentException("its numbers are " + numbers.getClass());
    }
  }

  /** jHDF hands out unsigned numbers in wider types: the low bytes are what is stored. */
  private void whole(long number, ByteBuffer into) {
    switch (tensor.dtype().elementBytes()) {
      case 1 -> into.put((byte) number);
      case 2 -> into.putShort((short) number);
      case 4 -> into.putInt((int) number);
      default -> into.putLong(number);
    }
  }
}
