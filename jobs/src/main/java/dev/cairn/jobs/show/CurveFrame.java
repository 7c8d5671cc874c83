package dev.cairn.jobs.show;

/**
 * The sheet that a curve is drawn on, in the drawing's own units, which are about a pixel where it
 * is shown: one for desks and one for phones, since letters that shrink with the drawing cannot be
 * read.
 *
 * @param name its class on the page
 * @param left room for the losses' numbers
 * @param right room for the names of reference lines; they stand inside when it has none
 * @param ticks how many steps are named at most
 */
record CurveFrame(
    String name, int width, int height, int left, int right, int top, int bottom, int ticks) {
  static final CurveFrame WIDE = new CurveFrame("wide", 960, 420, 64, 150, 30, 46, 6);
  static final CurveFrame NARROW = new CurveFrame("narrow", 380, 330, 40, 14, 30, 42, 4);

  double plotWidth() {
    return width - left - right;
  }

  double plotHeight() {
    return height - top - bottom;
  }

  double plotRight() {
    return width - right;
  }

  double plotBottom() {
    return height - bottom;
  }

  boolean namesInside() {
    return right < 100;
  }
}
