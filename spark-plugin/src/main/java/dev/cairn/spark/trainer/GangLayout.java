package dev.cairn.spark.trainer;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The tasks of a segment, with their logical partitions and executors.
 *
 * <p>All tasks of a segment run at the same time, one a slot. The number of tasks and their
 * partitions never change a trained bit (sums are made in partition order at the shards); they only
 * decide how evenly the work is spread and how much data is read from another executor's cache.
 *
 * @param tasks one entry a task
 */
record GangLayout(List<GangTask> tasks) {

  /** One task: its executor and its logical partitions, ascending. */
  record GangTask(String executorId, String host, List<Integer> partitions)
      implements Serializable {}

  /** An executor that can run {@code slots} tasks at once. */
  record Seat(String executorId, String host, int slots) {}

  GangLayout {
    tasks = List.copyOf(tasks);
  }

  /**
   * Spreads partitions over all slots: as evenly as possible, and where they are cached if that
   * keeps them even.
   *
   * @param cachedOn the executors that hold each logical partition
   * @param seats the executors, in a fixed order
   * @return at most one task a slot; fewer when there are fewer partitions than slots
   */
  static GangLayout of(List<List<String>> cachedOn, List<Seat> seats) {
    int partitions = cachedOn.size();
    int slots = seats.stream().mapToInt(Seat::slots).sum();
    if (slots == 0) {
      throw new IllegalArgumentException(
          "Cannot lay out a segment: expected at least one task slot, found none on "
              + seats.size()
              + " executors");
    }
    int taskCount = Math.min(slots, partitions);
    List<Seat> chosen = spread(seats, taskCount);
    Map<String, List<Integer>> local = new TreeMap<>();
    for (int p = 0; p < partitions; p++) {
      for (String executor : cachedOn.get(p)) {
        local.computeIfAbsent(executor, key -> new ArrayList<>()).add(p);
      }
    }
    SortedMap<Integer, Integer> taskOf = new TreeMap<>();
    int[] load = new int[taskCount];
    for (int t = 0; t < taskCount; t++) {
      List<Integer> here = local.getOrDefault(chosen.get(t).executorId(), List.of());
      while (load[t] < quota(partitions, taskCount, t) && !here.isEmpty()) {
        if (taskOf.putIfAbsent(here.remove(0), t) == null) {
          load[t]++;
        }
      }
    }
    int next = 0;
    for (int p = 0; p < partitions; p++) {
      if (!taskOf.containsKey(p)) {
        while (load[next] >= quota(partitions, taskCount, next)) {
          next++;
        }
        taskOf.put(p, next);
        load[next]++;
      }
    }
    List<GangTask> tasks = new ArrayList<>();
    for (int t = 0; t < taskCount; t++) {
      List<Integer> mine = new ArrayList<>();
      for (Map.Entry<Integer, Integer> entry : taskOf.entrySet()) {
        if (entry.getValue() == t) {
          mine.add(entry.getKey());
        }
      }
      tasks.add(new GangTask(chosen.get(t).executorId(), chosen.get(t).host(), mine));
    }
    return new GangLayout(tasks);
  }

  private static int quota(int partitions, int tasks, int task) {
    return partitions / tasks + (task < partitions % tasks ? 1 : 0);
  }

  /** Deals one seat to each task, round robin over the executors, so that few tasks spread wide. */
  private static List<Seat> spread(List<Seat> seats, int taskCount) {
    List<Seat> chosen = new ArrayList<>();
    for (int round = 0; chosen.size() < taskCount; round++) {
      for (Seat seat : seats) {
        if (seat.slots() > round && chosen.size() < taskCount) {
          chosen.add(seat);
        }
      }
    }
    return chosen;
  }
}
