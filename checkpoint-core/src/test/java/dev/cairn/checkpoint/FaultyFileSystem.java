package dev.cairn.checkpoint;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.DelegateToFileSystem;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.Syncable;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * The local disk under paths such as {@code faulty:/tmp/a}, for what opens its storage by a path
 * itself: every call, those of files that are written too, passes {@link #FAULTS}.
 */
public final class FaultyFileSystem extends DelegateToFileSystem {
  public static final Faults FAULTS = new Faults();

  /** The scheme of its paths. */
  public static final String SCHEME = "faulty";

  /** As Hadoop makes it. */
  public FaultyFileSystem(URI uri, Configuration configuration) throws Exception {
    super(uri, new Disk(), configuration, SCHEME, false);
  }

  @Override
  public void renameInternal(Path from, Path to) throws IOException {
    renameInternal(from, to, false);
  }

  /** In one step where something is replaced, too: Hadoop would delete that first. */
  @Override
  public void renameInternal(Path from, Path to, boolean overwrite) throws IOException {
    FAULTS.act(
        "rename " + from + " to " + to,
        () -> {
          java.nio.file.Path target = disk(to);
          if (!overwrite && Files.exists(target)) {
            throw new FileAlreadyExistsException(to + " exists");
          }
          Files.move(disk(from), target, StandardCopyOption.ATOMIC_MOVE);
        });
  }

  private static java.nio.file.Path disk(Path path) {
    return java.nio.file.Path.of(path.toUri().getPath());
  }

  /** The settings by which Hadoop finds it. */
  public static SortedMap<String, String> properties() {
    SortedMap<String, String> properties = new TreeMap<>();
    properties.put("fs.AbstractFileSystem." + SCHEME + ".impl", FaultyFileSystem.class.getName());
    return properties;
  }

  private static final class Disk extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create(SCHEME + ":///");
    }

    @Override
    public FSDataOutputStream create(
        Path path,
        FsPermission permission,
        boolean overwrite,
        int buffer,
        short replication,
        long block,
        Progressable progress)
        throws IOException {
      return FAULTS.count(
          "create " + path,
          () -> new FSDataOutputStream(new Counted(path, Files.newOutputStream(disk(path))), null));
    }

    @Override
    public FSDataInputStream open(Path path, int buffer) throws IOException {
      return FAULTS.count("open " + path, () -> super.open(path, buffer));
    }

    @Override
    public FileStatus getFileStatus(Path path) throws IOException {
      return FAULTS.count("look at " + path, () -> super.getFileStatus(path));
    }

    /** There are no links; Hadoop would start a process to look for one. */
    @Override
    public FileStatus getFileLinkStatus(Path path) throws IOException {
      return getFileStatus(path);
    }

    @Override
    public FileStatus[] listStatus(Path path) throws IOException {
      return FAULTS.count("list " + path, () -> super.listStatus(path));
    }

    @Override
    public boolean mkdirs(Path path, FsPermission permission) throws IOException {
      return FAULTS.count("mkdirs " + path, () -> super.mkdirs(path));
    }

    /** Hadoop would start a process for it. */
    @Override
    public void setPermission(Path path, FsPermission permission) {}

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
      return FAULTS.count("delete " + path, () -> super.delete(path, recursive));
    }
  }

  /** A file that is written. */
  private static final class Counted extends FilterOutputStream implements Syncable {
    private final Path path;

    Counted(Path path, OutputStream out) {
      super(out);
      this.path = path;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      FAULTS.act("write " + path, () -> out.write(bytes, offset, length));
    }

    @Override
    public void hflush() {}

    @Override
    public void hsync() throws IOException {
      FAULTS.act("sync " + path, out::flush);
    }

    @Override
    public void close() throws IOException {
      FAULTS.act("close " + path, out::close);
    }
  }
}
