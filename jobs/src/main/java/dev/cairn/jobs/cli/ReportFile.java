package dev.cairn.jobs.cli;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The training curve's file, local or in HDFS: read once at the start, written over as a whole. */
final class ReportFile {
  private static final int MOST_BYTES = 16 << 20;

  private final Path path;
  private final FileSystem files;

  ReportFile(String path, Configuration hadoop) throws IOException {
    this.path = new Path(path);
    this.files = this.path.getFileSystem(hadoop);
    files.setWriteChecksum(false); // no .crc file beside the report
  }

  /** What an earlier run left; empty when there is nothing that can be read. */
  String read() {
    try (FSDataInputStream in = files.open(path)) {
      return new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
    } catch (FileNotFoundException e) {
      return "";
    } catch (IOException e) {
      return ""; // The curve is a courtesy: it never keeps a run from going on.
    }
  }

  void write(String page) throws IOException {
    try (OutputStream out = files.create(path, true)) {
      out.write(page.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** A local path without its scheme, else the URI. */
  String shown() {
    return shown(path.toString());
  }

  static String shown(String path) {
    return path.startsWith("file:") ? path.replaceFirst("^file:/+", "/") : path;
  }
}
