package dev.cairn.jobs.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * The bare storage that Cairn is held against: plain streams, nothing checked, nothing known, in
 * requests of 1 MiB.
 *
 * <p>Direct buffers start on cache lines here as they do in Cairn. Where {@code allocateDirect}
 * happens to put them 16 bytes behind one, the kernel's copy is several times slower on AMD
 * processors, and which of the two a run gets would decide its ratios.
 */
interface RawStorage extends AutoCloseable {

  /** Whether it takes direct buffers without a copy. */
  boolean direct();

  /**
   * Writes chunks to a new file, syncs and closes it.
   *
   * @param everyBlock whether each block of HDFS is synced, as a checkpoint needs it; {@code hsync}
   *     alone syncs the last block of a file, and leaves those before it to the datanodes' caches
   */
  void write(String path, ByteBuffer[] chunks, boolean everyBlock) throws IOException;

  /** Reads a file from front to back into chunks; their limits are its length. */
  void read(String path, ByteBuffer[] chunks) throws IOException;

  /**
   * Reads the last bytes of a file into arrays: all that a restore does but for plan and checksums.
   */
  void read(String path, float[][] arrays) throws IOException;

  /** A buffer of the kind that the storage takes without a copy. */
  default ByteBuffer allocate(int bytes) {
    ByteBuffer buffer =
        direct()
            ? ByteBuffer.allocateDirect(bytes + 128).alignedSlice(64).limit(bytes).slice()
            : ByteBuffer.allocate(bytes);
    return buffer.order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Deletes a file or folder with all that is in it. */
  void delete(String path) throws IOException;

  @Override
  void close() throws IOException;

  /** The storage of a URI. */
  static RawStorage of(String uri) throws IOException {
    return uri.startsWith("hdfs:") ? new Hdfs(uri) : new Local();
  }

  /** Files of the kernel. */
  final class Local implements RawStorage {
    @Override
    public boolean direct() {
      return true;
    }

    @Override
    public void write(String path, ByteBuffer[] chunks, boolean everyBlock) throws IOException {
      try (FileChannel channel =
          FileChannel.open(
              Path.of(path), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        for (ByteBuffer chunk : chunks) {
          ByteBuffer bytes = chunk.duplicate();
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        }
        channel.force(true);
      }
    }

    @Override
    public void read(String path, ByteBuffer[] chunks) throws IOException {
      try (FileChannel channel = FileChannel.open(Path.of(path), StandardOpenOption.READ)) {
        for (ByteBuffer chunk : chunks) {
          ByteBuffer bytes = chunk.duplicate();
          while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
              throw new EOFException(path);
            }
          }
        }
      }
    }

    @Override
    public void read(String path, float[][] arrays) throws IOException {
      try (FileChannel channel = FileChannel.open(Path.of(path), StandardOpenOption.READ)) {
        ByteBuffer buffer = allocate(arrays[0].length * Float.BYTES);
        channel.position(channel.size() - (long) arrays.length * buffer.capacity());
        for (float[] array : arrays) {
          buffer.clear();
          while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
              throw new EOFException(path);
            }
          }
          buffer.flip().asFloatBuffer().get(array);
        }
      }
    }

    @Override
    public void delete(String path) throws IOException {
      FileSystem.getLocal(new Configuration(false))
          .delete(new org.apache.hadoop.fs.Path(path), true);
    }

    /** An empty folder for a benchmark. */
    static String emptyFolder(String name) throws IOException {
      Path folder = BenchOptions.workFolder().resolve(name).toAbsolutePath();
      new Local().delete(folder.toString());
      return Files.createDirectories(folder).toString();
    }

    @Override
    public void close() {}
  }

  /** HDFS. */
  final class Hdfs implements RawStorage {
    private final FileSystem files;

    Hdfs(String uri) throws IOException {
      files = FileSystem.newInstance(URI.create(uri), new Configuration());
    }

    @Override
    public boolean direct() {
      return false;
    }

    @Override
    public void write(String path, ByteBuffer[] chunks, boolean everyBlock) throws IOException {
      org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(path);
      EnumSet<CreateFlag> flags = EnumSet.of(CreateFlag.CREATE);
      if (everyBlock) {
        flags.add(CreateFlag.SYNC_BLOCK);
      }
      try (FSDataOutputStream out =
          files.create(
              file,
              FsPermission.getFileDefault(),
              flags,
              4096,
              files.getDefaultReplication(file),
              files.getDefaultBlockSize(file),
              null)) {
        for (ByteBuffer chunk : chunks) {
          out.write(chunk.array(), 0, chunk.limit());
        }
        out.hsync();
      }
    }

    @Override
    public void read(String path, ByteBuffer[] chunks) throws IOException {
      try (FSDataInputStream in = files.open(new org.apache.hadoop.fs.Path(path))) {
        for (ByteBuffer chunk : chunks) {
          in.readFully(chunk.array(), 0, chunk.limit());
        }
      }
    }

    @Override
    public void read(String path, float[][] arrays) throws IOException {
      org.apache.hadoop.fs.Path file = new org.apache.hadoop.fs.Path(path);
      try (FSDataInputStream in = files.open(file)) {
        ByteBuffer buffer = allocate(arrays[0].length * Float.BYTES);
        in.seek(files.getFileStatus(file).getLen() - (long) arrays.length * buffer.capacity());
        for (float[] array : arrays) {
          in.readFully(buffer.array(), 0, buffer.capacity());
          buffer.asFloatBuffer().get(array);
        }
      }
    }

    @Override
    public void delete(String path) throws IOException {
      files.delete(new org.apache.hadoop.fs.Path(path), true);
    }

    @Override
    public void close() throws IOException {
      files.close();
    }
  }
}
