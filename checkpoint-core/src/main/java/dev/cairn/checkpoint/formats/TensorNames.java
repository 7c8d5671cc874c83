package dev.cairn.checkpoint.formats;

/** What a key of a checkpoint is called where keys are names. Stateless. */
final class TensorNames {
  /** What TensorFlow puts behind the path of a variable. */
  private static final String VALUE = "/.ATTRIBUTES/VARIABLE_VALUE";

  /** Stands in a key between a variable's path and that of the optimizer that keeps something. */
  static final String SLOT = ".OPTIMIZER_SLOT";

  private TensorNames() {}

  /**
   * The path of a key's edges, joined by slashes. A key that is not a variable's is its own name.
   */
  static String ofKey(String key) {
    if (!key.endsWith(VALUE)) {
      return key;
    }
    StringBuilder name = new StringBuilder();
    for (String edge : key.substring(0, key.length() - VALUE.length()).split("/", -1)) {
      name.append(name.isEmpty() ? "" : "/").append(edge.equals(SLOT) ? edge : plain(edge));
    }
    return name.toString();
  }

  /** TensorFlow writes a dot as two and a slash within an edge as .S. */
  private static String plain(String edge) {
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < edge.length(); i++) {
      char c = edge.charAt(i);
      char next = i + 1 < edge.length() ? edge.charAt(i + 1) : 0;
      if (c == '.' && (next == '.' || next == 'S')) {
        plain.append(next == '.' ? '.' : '/');
        i++;
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }
}
