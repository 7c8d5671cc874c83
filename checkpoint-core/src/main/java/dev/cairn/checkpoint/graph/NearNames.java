package dev.cairn.checkpoint.graph;

import java.util.List;

/** Finds the name that may have been meant, among those that are there. Stateless. */
public final class NearNames {
  /** The most hints in a message: if more names are missing, the file is wrong, not a name. */
  private static final int HINTS = 10;

  /** The most names that are looked at. */
  private static final int LOOKED_AT = 2_000;

  private NearNames() {}

  /**
   * The nearest name for a message, or nothing.
   *
   * @param given the number of names that were missed before this one
   */
  public static String hint(String name, List<String> there, int given) {
    if (given >= HINTS) {
      return "";
    }
    String best = "";
    String wanted = path(name);
    int least = wanted.length() / 3 + 2;
    for (String other : there.subList(0, Math.min(LOOKED_AT, there.size()))) {
      int distance = distance(wanted, path(other), least);
      if (distance < least) {
        least = distance;
        best = other;
      }
    }
    return best.isEmpty() ? "" : " (there is " + best + ")";
  }

  private static String path(String key) {
    int end = key.indexOf("/.ATTRIBUTES/");
    return end < 0 ? key : key.substring(0, end);
  }

  /**
   * The number of characters that are inserted, left out or replaced; at least {@code limit} if it
   * is more.
   */
  private static int distance(String a, String b, int limit) {
    if (Math.abs(a.length() - b.length()) >= limit) {
      return limit;
    }
    int[] before = new int[b.length() + 1];
    int[] now = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      before[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      now[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = before[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        now[j] = Math.min(replaced, Math.min(before[j], now[j - 1]) + 1);
      }
      int[] swap = before;
      before = now;
      now = swap;
    }
    return Math.min(before[b.length()], limit);
  }
}
