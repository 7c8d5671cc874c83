package dev.cairn.spark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The executor processes that this JVM's embedded cluster has started: to kill, stop, continue. */
public final class ExecutorProcesses {
  private ExecutorProcesses() {}

  /** Process ids by executor id, of those that run now. */
  public static Map<String, Long> running() {
    Map<String, Long> processes = new TreeMap<>();
    ProcessHandle.current()
        .descendants()
        .filter(ProcessHandle::isAlive)
        .forEach(
            process -> {
              String[] words = words(process.pid());
              for (int i = 0; i + 1 < words.length; i++) {
                if (words[i].equals("--executor-id")) {
                  processes.put(words[i + 1], process.pid());
                }
              }
            });
    return processes;
  }

  private static String[] words(long pid) {
    try {
      byte[] bytes = Files.readAllBytes(Path.of("/proc/" + pid + "/cmdline"));
      return new String(bytes, StandardCharsets.UTF_8).split("\0", -1);
    } catch (IOException gone) {
      return new String[0];
    }
  }

  /** Sends a signal, such as KILL, STOP, CONT or TERM. */
  public static void signal(long pid, String name) {
    try {
      Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start();
      kill.waitFor();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
