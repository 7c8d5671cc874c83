package dev.cairn.spark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * The resources of a process, to find leaks.
 *
 * @param threads its threads
 * @param files its open file handles, sockets among them
 * @param heap bytes of its heap after a collection; 0 for another process
 * @param direct bytes of its direct buffers; 0 for another process
 * @param resident bytes in memory
 */
public record Resources(long threads, long files, long heap, long direct, long resident) {

  /** The resources of this JVM, after a collection. */
  public static Resources ofThisJvm() {
    System.gc();
    Resources outside = of(ProcessHandle.current().pid());
    long direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .mapToLong(BufferPoolMXBean::getMemoryUsed)
            .sum();
    long heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    return new Resources(outside.threads, outside.files, heap, direct, outside.resident);
  }

  /** The resources of any process of this user. */
  public static Resources of(long pid) {
    Path process = Path.of("/proc/" + pid);
    try (Stream<Path> handles = Files.list(process.resolve("fd"))) {
      return new Resources(
          status(process, "Threads:"), handles.count(), 0, 0, 1024 * status(process, "VmRSS:"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static long status(Path process, String name) throws IOException {
    return Files.readAllLines(process.resolve("status")).stream()
        .filter(line -> line.startsWith(name))
        .map(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  /**
   * The resources that grew from the first third of some samples to the last third, beyond a JVM's
   * own changes; empty if none did. The least that was held counts: what comes and goes is not a
   * leak, and what leaks is never given back.
   */
  public static String growth(List<Resources> samples) {
    int third = samples.size() / 3;
    List<Resources> first = samples.subList(0, third);
    List<Resources> last = samples.subList(samples.size() - third, samples.size());
    StringBuilder grown = new StringBuilder();
    compare("threads", Resources::threads, 10, first, last, grown);
    compare("file handles", Resources::files, 30, first, last, grown);
    compare("heap", Resources::heap, 24L << 20, first, last, grown);
    compare("direct memory", Resources::direct, 16L << 20, first, last, grown);
    compare("resident memory", Resources::resident, 96L << 20, first, last, grown);
    return grown.toString();
  }

  private static void compare(
      String what,
      ToLongFunction<Resources> measure,
      long slack,
      List<Resources> first,
      List<Resources> last,
      StringBuilder grown) {
    long before = first.stream().mapToLong(measure).min().orElseThrow();
    long after = last.stream().mapToLong(measure).min().orElseThrow();
    if (after > before + slack) {
      grown.append(what).append(' ').append(before).append(" -> ").append(after).append("; ");
    }
  }

  /** Without what is held in memory. */
  public Resources handlesOnly() {
    return new Resources(threads, files, 0, 0, 0);
  }

  @Override
  public String toString() {
    return String.format(
        java.util.Locale.ROOT,
        "%d threads, %d files, heap %d MiB, direct %d MiB, resident %d MiB",
        threads,
        files,
        heap >> 20,
        direct >> 20,
        resident >> 20);
  }
}
