package dev.cairn.checkpoint.store;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NotDirectoryException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.CreateFlag;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.client.HdfsDataOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * HDFS, and whatever else Hadoop has a {@code FileContext} for. Renames are atomic and refuse an
 * existing target if the file system keeps Hadoop's contract (HDFS and viewfs within one mount do).
 *
 * <p>Some settings differ from Hadoop's defaults unless the user sets them: a write goes on with
 * the datanodes that are left when one is lost ({@code
 * dfs.client.block.write.replace-datanode-on-failure.policy=NEVER}: with the default, clusters of
 * three nodes fail it), and calls are retried over a namenode restart, for about 70 s ({@code
 * dfs.client.retry.policy.enabled=true}, {@code dfs.client.retry.policy.spec}); a namenode in safe
 * mode is waited for as long, then that is the error (a namenode that has never answered this JVM
 * is waited for some seconds only, see {@link FirstContact}). For speed: a file's end, and each
 * block's, is asked for again after 10 ms if the namenode does not have the block yet ({@code
 * dfs.client.block.write.locateFollowingBlock.*}; the default waits 400 ms), and packets are built
 * in pooled arrays ({@code dfs.client.write.byte-array-manager.enabled=true}, in a {@code
 * dfs.client.context} of our own).
 */
final class HadoopCheckpointStore implements CheckpointStore {
  static final String RETRY_SPEC = "dfs.client.retry.policy.spec";

  /** The retries of calls: ten tries a second apart, then twelve 5 s apart. */
  static final String PATIENCE = "1000,10,5000,12";

  private static final Map<String, String> DEFAULTS =
      Map.of(
          "dfs.client.block.write.replace-datanode-on-failure.policy",
          "NEVER",
          "dfs.client.retry.policy.enabled",
          "true",
          // Ten tries a second apart, then twelve 5 s apart: 70 s. Hadoop's default: 11 minutes.
          RETRY_SPEC,
          PATIENCE,
          // 10, 20, 40 ms and so on: 20 s in all. Hadoop's default: 400, 800 ms ..., 12 s in all.
          "dfs.client.block.write.locateFollowingBlock.initial.delay.ms",
          "10",
          "dfs.client.block.write.locateFollowingBlock.retries",
          "11",
          "dfs.client.write.byte-array-manager.enabled",
          "true",
          // The pool of arrays belongs to a named context, made by its first user.
          "dfs.client.context",
          "cairn");

  private static final int COPY_BYTES = 256 << 10;

  private final Configuration configuration;
  private final FileContext context;
  private final Options.CreateOpts[] creation;
  private volatile @Nullable FileContext unverified;

  HadoopCheckpointStore(String path, Configuration configuration) throws IOException {
    this.configuration = configuration;
    this.creation = creation(configuration);
    try {
      this.context = FileContext.getFileContext(new Path(path).toUri(), configuration);
      FirstContact.make(new Path(path).toUri(), configuration);
    } catch (IOException | RuntimeException e) {
      throw StorageErrors.explain("reach", path, e);
    }
  }

  static Configuration configuration(Map<String, String> properties) {
    Configuration configuration = new Configuration(Defaults.CONFIGURATION);
    properties.forEach(configuration::set);
    return configuration;
  }

  /**
   * The settings on the class path, with our defaults; reading their files takes some 20 ms each
   * time.
   */
  private static final class Defaults {
    static final Configuration CONFIGURATION = read();

    private Defaults() {}

    private static Configuration read() {
      Configuration configuration = new Configuration();
      // Where a value comes from is known for files only: what a user's hdfs-site.xml says stays.
      DEFAULTS.forEach(
          (key, value) -> {
            if (!setByUser(configuration, key)) {
              configuration.set(key, value);
            }
          });
      return configuration;
    }
  }

  /**
   * The options for creating files. Without createParent the folder must exist: a given-up attempt
   * cannot come back. Replication and block size are the namenode's unless the user has set them;
   * FileContext alone would not look.
   */
  private static Options.CreateOpts[] creation(Configuration configuration) {
    List<Options.CreateOpts> creation = new ArrayList<>();
    creation.add(Options.CreateOpts.donotCreateParent());
    if (setByUser(configuration, "dfs.replication")) {
      creation.add(Options.CreateOpts.repFac((short) configuration.getInt("dfs.replication", 3)));
    }
    if (setByUser(configuration, "dfs.blocksize")) {
      creation.add(
          Options.CreateOpts.blockSize(configuration.getLongBytes("dfs.blocksize", 128 << 20)));
    }
    return creation.toArray(Options.CreateOpts[]::new);
  }

  private static boolean setByUser(Configuration configuration, String key) {
    String[] sources = configuration.getPropertySources(key);
    return sources != null && sources.length > 0 && !sources[0].endsWith("-default.xml");
  }

  static String qualify(String path, Configuration configuration) throws IOException {
    try {
      Path hadoopPath = new Path(path);
      return FileContext.getFileContext(hadoopPath.toUri(), configuration)
          .makeQualified(hadoopPath)
          .toString();
    } catch (IOException | RuntimeException e) {
      throw StorageErrors.explain("reach", path, e);
    }
  }

  @Override
  public StoreOutput create(String path) throws IOException {
    try {
      return new Output(
          path,
          context.create(
              new Path(path),
              // Without it, sync reaches the last block only.
              EnumSet.of(CreateFlag.CREATE, CreateFlag.SYNC_BLOCK),
              creation));
    } catch (IOException e) {
      throw StorageErrors.explain("create", path, e);
    }
  }

  @Override
  public StoreInput open(String path) throws IOException {
    return open(context, path);
  }

  @Override
  public StoreInput openUnverified(String path) throws IOException {
    return open(unverified(path), path);
  }

  @Override
  public boolean verifiesReads() {
    return true;
  }

  /** Whether checksums are compared is a setting of a whole context, so it takes a second one. */
  private FileContext unverified(String path) throws IOException {
    FileContext made = unverified;
    if (made == null) {
      try {
        Path hadoopPath = new Path(path);
        made = FileContext.getFileContext(hadoopPath.toUri(), configuration);
        made.setVerifyChecksum(false, hadoopPath);
      } catch (IOException | RuntimeException e) {
        throw StorageErrors.explain("reach", path, e);
      }
      unverified = made;
    }
    return made;
  }

  private static StoreInput open(FileContext context, String path) throws IOException {
    try {
      Path hadoopPath = new Path(path);
      long length = context.getFileStatus(hadoopPath).getLen();
      return new Input(path, context.open(hadoopPath), length);
    } catch (IOException e) {
      throw StorageErrors.explain("open", path, e);
    }
  }

  @Override
  public Optional<StoredFile> stat(String path) throws IOException {
    try {
      return Optional.of(describe(context.getFileLinkStatus(new Path(path))));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw StorageErrors.explain("look at", path, e);
    }
  }

  private static StoredFile describe(FileStatus status) {
    StoredFile.Kind kind =
        status.isSymlink()
            ? StoredFile.Kind.OTHER
            : status.isDirectory() ? StoredFile.Kind.DIRECTORY : StoredFile.Kind.FILE;
    return new StoredFile(
        status.getPath().getName(), status.getLen(), kind, status.getModificationTime());
  }

  @Override
  public List<StoredFile> list(String directory) throws IOException {
    List<StoredFile> entries = new ArrayList<>();
    try {
      RemoteIterator<FileStatus> found = context.listStatus(new Path(directory));
      while (found.hasNext()) {
        entries.add(describe(found.next()));
      }
    } catch (IOException e) {
      throw StorageErrors.explain("list", directory, e);
    }
    entries.sort(Comparator.comparing(StoredFile::name));
    return entries;
  }

  @Override
  public void makeDirectories(String path) throws IOException {
    try {
      context.mkdir(new Path(path), FsPermission.getDirDefault(), true);
    } catch (org.apache.hadoop.fs.FileAlreadyExistsException e) {
      if (stat(path).map(StoredFile::isDirectory).orElse(false)) {
        return;
      }
      throw StorageErrors.explain("make folder", path, new NotDirectoryException(path));
    } catch (IOException e) {
      throw StorageErrors.explain("make folder", path, e);
    }
  }

  @Override
  public void makeDirectory(String path) throws IOException {
    try {
      context.mkdir(new Path(path), FsPermission.getDirDefault(), false);
    } catch (IOException e) {
      throw StorageErrors.explain("make folder", path, e);
    }
  }

  @Override
  public void rename(String from, String to) throws IOException {
    move("rename " + from + " to", from, to, Options.Rename.NONE);
  }

  @Override
  public void replace(String from, String to) throws IOException {
    move("put in place", from, to, Options.Rename.OVERWRITE);
  }

  private void move(String verb, String from, String to, Options.Rename mode) throws IOException {
    try {
      context.rename(new Path(from), new Path(to), mode);
    } catch (IOException e) {
      throw StorageErrors.explain(verb, to, e);
    }
  }

  @Override
  public boolean delete(String path) throws IOException {
    try {
      return context.delete(new Path(path), false);
    } catch (FileNotFoundException e) {
      return false;
    } catch (IOException e) {
      throw StorageErrors.explain("delete", path, e);
    }
  }

  /** Hadoop wants to be told the time: that of a file which is made beside this one for it. */
  @Override
  public void touch(String path) throws IOException {
    String id = HexFormat.of().toHexDigits(UUID.randomUUID().getMostSignificantBits());
    Path clock = new Path(CheckpointFileNames.parent(path), CheckpointFileNames.stateTemporary(id));
    try {
      context.create(clock, EnumSet.of(CreateFlag.CREATE), creation).close();
      try {
        long present = context.getFileStatus(clock).getModificationTime();
        context.setTimes(new Path(path), present, -1);
      } finally {
        boolean unused = context.delete(clock, false);
      }
    } catch (IOException e) {
      throw StorageErrors.explain("touch", path, e);
    }
  }

  /** Does nothing: Hadoop shares its clients between all users of the process. */
  @Override
  public void close() {}

  private static final class Output implements StoreOutput {
    private final String path;
    private final FSDataOutputStream stream;
    private byte[] copy = new byte[0];

    Output(String path, FSDataOutputStream stream) {
      this.path = path;
      this.stream = stream;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      try {
        if (bytes.hasArray()) {
          stream.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
          bytes.position(bytes.limit());
          return;
        }
        if (copy.length < Math.min(COPY_BYTES, bytes.remaining())) {
          copy = new byte[COPY_BYTES];
        }
        while (bytes.hasRemaining()) {
          int count = Math.min(copy.length, bytes.remaining());
          bytes.get(copy, 0, count);
          stream.write(copy, 0, count);
        }
      } catch (IOException e) {
        throw StorageErrors.explain("write", path, e);
      }
    }

    @Override
    public void sync() throws IOException {
      try {
        stream.hsync();
      } catch (IOException e) {
        throw StorageErrors.explain("sync", path, e);
      }
    }

    /** Closes the file: HDFS then syncs the last block, too, in one round trip instead of two. */
    @Override
    public void finish() throws IOException {
      try (this) {
        if (!(stream instanceof HdfsDataOutputStream)) {
          sync();
        }
      }
    }

    @Override
    public void close() throws IOException {
      try {
        stream.close();
      } catch (IOException e) {
        throw StorageErrors.explain("close", path, e);
      }
    }
  }

  private record Input(String path, FSDataInputStream stream, long length) implements StoreInput {
    @Override
    public void readFully(long position, ByteBuffer into) throws IOException {
      try {
        if (stream.getPos() != position) {
          stream.seek(position);
        }
        if (into.hasArray()) {
          stream.readFully(into.array(), into.arrayOffset() + into.position(), into.remaining());
          into.position(into.limit());
          return;
        }
        byte[] copy = new byte[Math.min(COPY_BYTES, into.remaining())];
        while (into.hasRemaining()) {
          int count = Math.min(copy.length, into.remaining());
          stream.readFully(copy, 0, count);
          into.put(copy, 0, count);
        }
      } catch (EOFException e) {
        throw e;
      } catch (IOException e) {
        throw StorageErrors.explain("read", path, e);
      }
    }

    @Override
    public void close() throws IOException {
      stream.close();
    }
  }
}
