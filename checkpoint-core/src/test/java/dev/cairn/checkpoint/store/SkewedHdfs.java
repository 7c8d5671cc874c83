package dev.cairn.checkpoint.store;

import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.AbstractFileSystem;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FilterFs;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;
import org.apache.hadoop.util.functional.RemoteIterators;

/** HDFS whose clock is an hour ahead of this machine's. */
public final class SkewedHdfs extends FilterFs {
  private static final String IMPLEMENTATION = "fs.AbstractFileSystem.hdfs.impl";
  private static final long AHEAD_MILLIS = 60L * 60 * 1000;

  /** As Hadoop makes it. */
  public SkewedHdfs(URI uri, Configuration configuration) throws IOException, URISyntaxException {
    super(AbstractFileSystem.createFileSystem(uri, usual(configuration)));
  }

  private static Configuration usual(Configuration configuration) {
    Configuration usual = new Configuration(configuration);
    usual.set(IMPLEMENTATION, "org.apache.hadoop.fs.Hdfs");
    return usual;
  }

  /** A client's settings, and those by which Hadoop takes this one. */
  public static SortedMap<String, String> properties(Map<String, String> client) {
    SortedMap<String, String> properties = new TreeMap<>(client);
    properties.put(IMPLEMENTATION, SkewedHdfs.class.getName());
    return properties;
  }

  private static FileStatus ahead(FileStatus status) {
    return new FileStatus(
        status.getLen(),
        status.isDirectory(),
        status.getReplication(),
        status.getBlockSize(),
        status.getModificationTime() + AHEAD_MILLIS,
        status.getAccessTime(),
        status.getPermission(),
        status.getOwner(),
        status.getGroup(),
        status.getPath());
  }

  @Override
  public FileStatus getFileStatus(Path path) throws IOException {
    return ahead(super.getFileStatus(path));
  }

  @Override
  public FileStatus getFileLinkStatus(Path path) throws IOException {
    return ahead(super.getFileLinkStatus(path));
  }

  @Override
  public FileStatus[] listStatus(Path path) throws IOException {
    return Arrays.stream(super.listStatus(path)).map(SkewedHdfs::ahead).toArray(FileStatus[]::new);
  }

  @Override
  public RemoteIterator<FileStatus> listStatusIterator(Path path) throws IOException {
    return RemoteIterators.remoteIteratorFromArray(listStatus(path));
  }

  @Override
  public void setTimes(Path path, long modified, long accessed) throws IOException {
    super.setTimes(path, modified < 0 ? modified : modified - AHEAD_MILLIS, accessed);
  }
}
