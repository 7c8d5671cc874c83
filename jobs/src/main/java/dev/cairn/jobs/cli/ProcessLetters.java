package dev.cairn.jobs.cli;

import dev.cairn.jobs.config.Text;
import java.nio.charset.Charset;
import java.util.Optional;

/**
 * Checks that this JVM has read the letters of its command line as they were written. The locale
 * that it started in decides that for ever; {@code jobs/cairn} sets UTF-8, other starters may not.
 */
final class ProcessLetters {
  private ProcessLetters() {}

  /** The error message for the user; empty if every word is as it was written. */
  static Optional<String> refusal(String encoding, String... words) {
    for (String word : words) {
      if (word.contains("\ufffd") || !canWrite(encoding, word)) {
        return Optional.of(
            Text.format(
                "Cannot read the command line: the locale's encoding is %s, expected UTF-8, found"
                    + " letters that it does not have in \"%s\"; start with LC_ALL=C.UTF-8",
                encoding, word));
      }
    }
    return Optional.empty();
  }

  private static boolean canWrite(String encoding, String word) {
    return !Charset.isSupported(encoding) || Charset.forName(encoding).newEncoder().canEncode(word);
  }
}
