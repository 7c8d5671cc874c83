package dev.cairn.spark.data;

/** The kinds of labels. */
public enum LabelKind {
  /** The number 0 or 1; data of -1 and 1 is the same data. */
  BINARY("0 or 1 (or -1 or 1)"),
  /** The number of a class, from 0 on. */
  CLASS("the number of a class: a whole number from 0 to " + LabelKind.LAST_CLASS),
  /** The number of a class, or -1 and 1 for two classes: all rows together decide which. */
  CLASS_OR_SIGN(
      "the number of a class: a whole number from 0 to "
          + LabelKind.LAST_CLASS
          + " (or -1 or 1 for two classes)"),
  /** A number. */
  NUMBER("a finite number within float32"),
  /** A count of events, perhaps an average one: a number of 0 or more. */
  COUNT("a number of 0 or more, finite within float32");

  /** The last number of a class: floats have all whole numbers up to here. */
  static final int LAST_CLASS = (1 << 24) - 1;

  private final String expected;

  LabelKind(String expected) {
    this.expected = expected;
  }

  /** Whether a row may have this label. */
  public boolean allows(double label) {
    return switch (this) {
      case BINARY -> label == 0 || label == 1 || label == -1;
      case CLASS -> isClass(label);
      case CLASS_OR_SIGN -> label == -1 || isClass(label);
      case NUMBER -> Float.isFinite((float) label);
      case COUNT -> label >= 0 && Float.isFinite((float) label);
    };
  }

  private static boolean isClass(double label) {
    return label >= 0 && label <= LAST_CLASS && label == Math.rint(label);
  }

  /**
   * The kind of labels of which the largest one is this: for a kind that is one of two, the one
   * that it is.
   */
  LabelKind known(float highest) {
    if (this != CLASS_OR_SIGN) {
      return this;
    }
    return highest > 1 ? CLASS : BINARY;
  }

  /** A description of the labels that are expected, for messages. */
  public String expected() {
    return expected;
  }

  /** The label that training uses: for two classes, 0 for -1. */
  float stored(float label) {
    // Adding 0 makes -0 a 0: they are one number.
    return this == BINARY || this == CLASS_OR_SIGN ? Math.max(0, label) : label + 0f;
  }
}
