package dev.cairn.jobs.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A properties file in UTF-8, with or without a byte order mark, with any line ends. Text that the
 * format would change silently is refused by its line: bytes that are not UTF-8, and backslashes
 * that it drops.
 */
final class PropertiesFile {
  /** The letters that may follow a backslash: escapes, and those that separate key and value. */
  private static final String ESCAPABLE = "tnrf\\ :=#!";

  private final Path file;
  private final String text;
  private final Properties properties = new Properties();

  private PropertiesFile(Path file, String text) {
    this.file = file;
    this.text = text;
  }

  /**
   * Reads {@code file}.
   *
   * @throws JobException that says what is wrong, and in which line
   */
  static PropertiesFile read(Path file) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      String why =
          Files.isDirectory(file)
              ? "it is a folder"
              : Files.exists(file) ? "it cannot be read: " + e.getMessage() : "no such file";
      throw new JobException(
          Text.format(
              "Cannot read configuration: %s, expected a properties file such as"
                  + " conf/flights.properties (path=%s)",
              why, file),
          e);
    }
    PropertiesFile read = new PropertiesFile(file, decode(bytes, file));
    read.checkBackslashes();
    try {
      read.properties.load(new StringReader(read.text));
    } catch (IOException | IllegalArgumentException e) {
      throw new JobException(
          Text.format(
              "Cannot read configuration: %s, expected key=value lines (path=%s)",
              e.getMessage(), file),
          e);
    }
    return read;
  }

  SortedSet<String> keys() {
    return new TreeSet<>(properties.stringPropertyNames());
  }

  /** The value as it is in the file, with its blanks. */
  String value(String key) {
    return properties.getProperty(key, "");
  }

  /** The file and the line of a key. */
  String place(String key) {
    List<String> lines = text.lines().toList();
    for (int i = lines.size() - 1; i >= 0; i--) {
      String line = lines.get(i).stripLeading();
      if (line.startsWith(key) && line.substring(key.length()).matches("\\s*[=:\\s].*|")) {
        return file + " line " + (i + 1);
      }
    }
    return file.toString();
  }

  private static String decode(byte[] bytes, Path file) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(in, out, true);
    if (result.isError()) {
      int line = 1;
      for (int i = 0; i < in.position(); i++) {
        line += bytes[i] == '\n' ? 1 : 0;
      }
      throw new JobException(
          Text.format(
              "Cannot read configuration: line %d is not UTF-8, expected UTF-8, found byte 0x%02x;"
                  + " save the file as UTF-8, or convert it: iconv -f LATIN1 -t UTF-8 (path=%s line"
                  + " %d)",
              line, bytes[in.position()] & 0xff, file, line));
    }
    String text = out.flip().toString();
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  /**
   * Refuses a backslash before any other letter, where the format drops it: {@code \d} would become
   * {@code d}.
   */
  private void checkBackslashes() {
    List<String> lines = text.lines().toList();
    boolean goesOn = false;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).stripLeading();
      boolean comment = !goesOn && (line.startsWith("#") || line.startsWith("!"));
      goesOn = false;
      for (int at = comment ? -1 : line.indexOf('\\'); at >= 0; at = line.indexOf('\\', at + 2)) {
        goesOn = at == line.length() - 1;
        if (goesOn) {
          checkContinuation(line, i + 1);
        } else {
          checkEscape(line, at, i + 1);
        }
      }
    }
  }

  private void checkEscape(String line, int at, int number) {
    char next = line.charAt(at + 1);
    boolean known =
        next == 'u'
            ? line.substring(at + 2).matches("[0-9a-fA-F]{4}.*")
            : ESCAPABLE.indexOf(next) >= 0;
    if (!known) {
      throw new JobException(
          Text.format(
              "Cannot read configuration: properties files drop the backslash of \\%s, expected two"
                  + " of them for one that stays, found \"%s\"; write \\\\%s (%s line %d)",
              next, line, next, file, number));
    }
  }

  /**
   * Refuses a backslash at the end: {@code input.option.escape = \} would take the next line for
   * its value.
   */
  private void checkContinuation(String line, int number) {
    if (line.matches("input\\.option\\.\\S+\\s*[=:\\s]\\s*\\\\")) {
      throw new JobException(
          Text.format(
              "Cannot read configuration: a backslash at the end of a line joins it with the next"
                  + " one, expected two of them for one that stays, found \"%s\"; write \\\\ (%s"
                  + " line %d)",
              line, file, number));
    }
  }
}
