package dev.cairn.jobs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process takes of the machine's memory, as Linux tells it. */
final class ProcessMemory {
  private ProcessMemory() {}

  /** Makes the kernel forget the process's peak; gives back what it holds now, in KiB. */
  static long resetPeak() throws IOException {
    System.gc();
    Files.writeString(Path.of("/proc/self/clear_refs"), "5");
    return kib("VmRSS");
  }

  /** The most that it has held since {@link #resetPeak}, in KiB. */
  static long peak() {
    return kib("VmHWM");
  }

  /** Bytes of the heap's objects that are still in use. */
  static long live() {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static long kib(String name) {
    return Long.parseLong(Machine.field("/proc/self/status", name).replace(" kB", ""));
  }
}
