package dev.cairn.jobs.show;

import java.util.ArrayList;
import java.util.List;

/** Steps and losses to places on a frame, with round numbers on the axes. */
record CurveScale(CurveFrame frame, long lastStep, double lowLoss, double highLoss) {
  /** What a small letter takes at most, on average. */
  private static final double LETTER = 7;

  static CurveScale of(CurveFrame frame, List<CurveData.Point> points, CurveData data) {
    long last = 1;
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    List<CurveData.Point> all = new ArrayList<>(points);
    all.addAll(data.validation());
    data.references().forEach(line -> all.add(new CurveData.Point(0, line.loss())));
    for (CurveData.Point point : all) {
      last = Math.max(last, point.step());
      if (Double.isFinite(point.loss())) {
        low = Math.min(low, point.loss());
        high = Math.max(high, point.loss());
      }
    }
    for (CurveData.Mark mark : data.checkpoints()) {
      last = Math.max(last, mark.step());
    }
    if (low > high) {
      low = 0;
      high = 1;
    }
    double step = round((high - low) / 5);
    return new CurveScale(
        frame,
        last,
        Math.floor(low / step) * step,
        Math.max(Math.ceil(high / step) * step, low + step));
  }

  double x(long step) {
    return frame.left() + (double) step / Math.max(1, lastStep) * frame.plotWidth();
  }

  double y(double loss) {
    double share = (loss - lowLoss) / (highLoss - lowLoss);
    return frame.plotBottom() - Math.min(1, Math.max(0, share)) * frame.plotHeight();
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
    long step = Math.max(1, (long) round((double) lastStep / frame.ticks()));
    List<Long> ticks = new ArrayList<>();
    for (long tick = 0; tick <= lastStep; tick += step) {
      ticks.add(tick);
    }
    return ticks;
  }

  /** Of how many epochs one is named, so that names do not meet: 1, 2, 5, 10, 20 ... */
  long namedEpochs(long stepsPerEpoch) {
    double room = stepsPerEpoch * frame.plotWidth() / Math.max(1, lastStep);
    int letters = CurveDrawing.epochName(lastStep / stepsPerEpoch).length() + 1;
    return Math.max(1, (long) round(letters * LETTER / room));
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
