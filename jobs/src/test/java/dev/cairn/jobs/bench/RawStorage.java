package dev.cairn.jobs.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;

/** The bare storage that Cairn is held against: plain streams, nothing checked, nothing known. */
interface RawStorage extends AutoCloseable {

  /** Whether it takes direct buffers without a copy. */
  boolean direct();

  /** Writes chunks to a new file, syncs and closes it. */
  void write(String path, ByteBuffer[] chunks) throws IOException;

  /** Reads a file from front to back into chunks; their limits are its length. */
  void read(String path, ByteBuffer[] chunks) throws IOException;

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
    public void write(String path, ByteBuffer[] chunks) throws IOException {
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
    public void write(String path, ByteBuffer[] chunks) throws IOException {
      try (FSDataOutputStream out = files.create(new org.apache.hadoop.fs.Path(path), false)) {
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
    public void delete(String path) throws IOException {
      files.delete(new org.apache.hadoop.fs.Path(path), true);
    }

    @Override
    public void close() throws IOException {
      files.close();
    }
  }
}
