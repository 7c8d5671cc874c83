package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.RunFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The training curve's file, local or in HDFS: read once at the start, replaced as a whole. */
final class ReportFile {
  private final RunFile file;

  ReportFile(String path, FolderOptions options) throws IOException {
    this.file = RunFile.at(path, options);
  }

  /** The text that an earlier run left; empty when there is none that can be read. */
  String read() {
    try {
      return file.read().map(bytes -> new String(bytes, StandardCharsets.UTF_8)).orElse("");
    } catch (IOException e) {
      return ""; // The curve is an extra: it never keeps a run from going on.
    }
  }

  /** Whether a file can be read. */
  static boolean isThere(String path, FolderOptions options) {
    try {
      return RunFile.at(path, options).read().isPresent();
    } catch (IOException e) {
      return false; // A file that cannot be read is not listed as being there.
    }
  }

  void write(String page) throws IOException {
    file.replace(page.getBytes(StandardCharsets.UTF_8));
  }

  /** A local path without its scheme, else the URI. */
  String shown() {
    return shown(file.path());
  }

  static String shown(String path) {
    return path.startsWith("file:") ? path.replaceFirst("^file:/+", "/") : path;
  }
}
