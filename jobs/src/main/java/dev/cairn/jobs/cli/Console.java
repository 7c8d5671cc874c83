package dev.cairn.jobs.cli;

import dev.cairn.jobs.show.ProgressPrinter.Screen;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;

/**
 * The streams and the screen of this process. The launcher passes the screen's properties ({@code
 * cairn.terminal}, {@code cairn.columns}): Java 17 has no way to find them, and later versions have
 * different ones.
 *
 * @param out the stream for what was asked for
 * @param err the stream for everything else
 * @param screen the screen of {@code out}
 */
public record Console(PrintStream out, PrintStream err, Screen screen) {
  static Console ofProcess() {
    Map<String, String> env = System.getenv();
    boolean unicode = unicode(env);
    var charset = unicode ? StandardCharsets.UTF_8 : StandardCharsets.US_ASCII;
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, charset);
    PrintStream err = new PrintStream(new FileOutputStream(FileDescriptor.err), true, charset);
    boolean terminal =
        Boolean.getBoolean("cairn.terminal") && !"dumb".equals(env.getOrDefault("TERM", "dumb"));
    int columns = Integer.getInteger("cairn.columns", 100);
    return new Console(out, err, new Screen(terminal, columns > 20 ? columns : 100, unicode));
  }

  private static boolean unicode(Map<String, String> env) {
    for (String name : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
      String value = env.getOrDefault(name, "");
      if (!value.isEmpty()) {
        String upper = value.toUpperCase(Locale.ROOT);
        return upper.contains("UTF-8") || upper.contains("UTF8");
      }
    }
    return false;
  }
}
