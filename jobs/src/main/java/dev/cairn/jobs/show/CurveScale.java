package dev.cairn.jobs.show;

import java.util.ArrayList;
import java.util.List;

/** Steps and losses to places on the drawing, with round numbers on the axes. */
record CurveScale(long firstStep, long lastStep, double lowLoss, double highLoss) {
  static final int WIDTH = 960;
  static final int HEIGHT = 440;
  static final int LEFT = 64;
  static final int RIGHT = 150;
  static final int TOP = 28;
  static final int BOTTOM = 62;

  static CurveScale of(List<CurveData.Point> points, CurveData data) {
    long last = 1;
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (CurveData.Point point : points) {
      last = Math.max(last, point.step());
      if (Double.isFinite(point.loss())) {
        low = Math.min(low, point.loss());
        high = Math.max(high, point.loss());
      }
    }
    for (CurveData.Mark mark : data.checkpoints()) {
      last = Math.max(last, mark.step());
    }
    for (CurveData.Reference reference : data.references()) {
      if (Double.isFinite(reference.loss())) {
        low = Math.min(low, reference.loss());
        high = Math.max(high, reference.loss());
      }
    }
    if (low > high) {
      low = 0;
      high = 1;
    }
    double step = round((high - low) / 5);
    return new CurveScale(
        0,
        last,
        Math.floor(low / step) * step,
        Math.max(Math.ceil(high / step) * step, low + step));
  }

  double x(long step) {
    double share = (double) (step - firstStep) / Math.max(1, lastStep - firstStep);
    return LEFT + share * (WIDTH - LEFT - RIGHT);
  }

  double y(double loss) {
    double share = (loss - lowLoss) / (highLoss - lowLoss);
    return HEIGHT - BOTTOM - Math.min(1, Math.max(0, share)) * (HEIGHT - TOP - BOTTOM);
  }

  List<Double> lossTicks() {
    double step = round((highLoss - lowLoss) / 5);
    List<Double> ticks = new ArrayList<>();
    for (int i = 0; lowLoss + i * step <= highLoss + step / 1000; i++) {
      ticks.add(lowLoss + i * step);
    }
    return ticks;
  }

  List<Long> stepTicks() {
    long step = Math.max(1, (long) round(lastStep / 6.0));
    List<Long> ticks = new ArrayList<>();
    for (long tick = 0; tick <= lastStep; tick += step) {
      ticks.add(tick);
    }
    return ticks;
  }

  /** The nearest of 1, 2 and 5 times a power of ten at or above {@code value}. */
  static double round(double value) {
    if (!(value > 0)) {
      return 0.01;
    }
    double power = 1;
    while (power > value) {
      power /= 10;
    }
    while (power * 10 <= value) {
      power *= 10;
    }
    double digits = value / power;
    return power * (digits <= 1 ? 1 : digits <= 2 ? 2 : digits <= 5 ? 5 : 10);
  }
}
