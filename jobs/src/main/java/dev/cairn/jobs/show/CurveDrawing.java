package dev.cairn.jobs.show;

import static dev.cairn.jobs.show.CurvePage.escape;
import static dev.cairn.jobs.show.CurvePage.number;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One drawing of a {@link CurvePage}, for one frame: axes, epochs, reference lines, the curves, a
 * mark for each checkpoint and for each recovery.
 */
final class CurveDrawing {
  /** Nearer than that, one line cannot be told from the next. */
  private static final int CLOSEST_LINES = 6;

  /** Above so many points a line alone shows them. */
  private static final int MOST_DOTS = 80;

  private final CurveData data;
  private final List<CurveData.Point> points;
  private final CurveScale scale;
  private final CurveFrame frame;
  private final StringBuilder svg = new StringBuilder();

  CurveDrawing(CurveData data, List<CurveData.Point> points, CurveScale scale) {
    this.data = data;
    this.points = points;
    this.scale = scale;
    this.frame = scale.frame();
  }

  String svg() {
    svg.append("<svg class=\"").append(frame.name()).append("\" viewBox=\"0 0 ");
    svg.append(frame.width()).append(' ').append(frame.height()).append("\" data-box=\"");
    svg.append(frame.left()).append(' ').append(number(frame.plotRight())).append(' ');
    svg.append(number(frame.plotBottom())).append(' ').append(frame.top());
    svg.append("\" role=\"img\" aria-label=\"Loss by step\">\n");
    axes();
    epochs();
    references();
    curve("curve", points);
    curve("validation", data.validation());
    dots();
    checkpoints();
    recoveries();
    svg.append("<g class=\"cursor\" visibility=\"hidden\"><line/><circle r=\"4.5\"/></g>\n</svg>");
    return svg.toString();
  }

  private void axes() {
    double bottom = frame.plotBottom();
    for (double tick : scale.lossTicks()) {
      line("grid", frame.left(), scale.y(tick), frame.plotRight(), scale.y(tick));
      text(
          "end", frame.left() - 7, scale.y(tick) + 4, String.format(Locale.ROOT, decimals(), tick));
    }
    line("axis", frame.left(), bottom, frame.plotRight(), bottom);
    for (long tick : scale.stepTicks()) {
      line("axis", scale.x(tick), bottom, scale.x(tick), bottom + 4);
      text("middle", scale.x(tick), bottom + 19, Units.count(tick));
    }
    text("", 4, 14, "log loss a row (nats)");
    text("middle", frame.left() + frame.plotWidth() / 2, bottom + 37, "step");
  }

  private String decimals() {
    double step = scale.lossTicks().size() < 2 ? 1 : scale.lossTicks().get(1) - scale.lowLoss();
    return step >= 0.9 ? "%.0f" : step >= 0.09 ? "%.1f" : step >= 0.009 ? "%.2f" : "%.3f";
  }

  /** As many lines as can be told apart, as many names as have room. */
  private void epochs() {
    long every = data.stepsPerEpoch();
    if (every <= 0) {
      return;
    }
    long named = scale.namedEpochs(every);
    boolean all = scale.x(every) - scale.x(0) >= CLOSEST_LINES;
    for (long epoch = all ? 1 : named;
        epoch * every <= scale.lastStep();
        epoch += all ? 1 : named) {
      double x = scale.x(epoch * every);
      line("epoch", x, frame.top(), x, frame.plotBottom());
      if (epoch % named == 0) {
        text("small end", x - 3, frame.top() + 10, epochName(epoch));
      }
    }
  }

  static String epochName(long epoch) {
    return "epoch " + epoch;
  }

  /** Reference lines, their names kept apart: right of the drawing, or above the line. */
  private void references() {
    List<CurveData.Reference> sorted = new ArrayList<>(data.references());
    sorted.removeIf(reference -> !Double.isFinite(reference.loss()));
    sorted.sort(Comparator.comparingDouble(CurveData.Reference::loss).reversed());
    double free = frame.top() + (frame.namesInside() ? 24 : 0);
    for (CurveData.Reference reference : sorted) {
      double y = scale.y(reference.loss());
      String value = String.format(Locale.ROOT, "%.4f", reference.loss());
      line("reference", frame.left(), y, frame.plotRight(), y);
      if (frame.namesInside()) {
        double at = Math.max(y - 4, free);
        free = at + 14;
        text("small end", frame.plotRight(), at, reference.name() + " " + value);
      } else {
        double at = Math.max(y - 2, free);
        free = at + 34;
        text("", frame.plotRight() + 8, at, reference.name());
        text("value", frame.plotRight() + 8, at + 14, value);
      }
    }
  }

  private void curve(String kind, List<CurveData.Point> of) {
    StringBuilder path = new StringBuilder();
    for (CurveData.Point point : of) {
      if (Double.isFinite(point.loss())) {
        path.append(path.length() == 0 ? 'M' : 'L')
            .append(number(scale.x(point.step())))
            .append(' ')
            .append(number(scale.y(point.loss())));
      }
    }
    if (path.length() > 0) {
      svg.append("<path class=\"").append(kind).append("\" d=\"").append(path).append("\"/>\n");
    }
  }

  /** Held-out rows are looked at now and then: each look is a dot, the best one a large one. */
  private void dots() {
    Optional<CurveData.Point> best =
        data.validation().stream()
            .filter(point -> Double.isFinite(point.loss()))
            .min(Comparator.comparingDouble(CurveData.Point::loss));
    boolean many = data.validation().size() > MOST_DOTS;
    for (CurveData.Point point : data.validation()) {
      boolean isBest = best.isPresent() && point.equals(best.get());
      if (Double.isFinite(point.loss()) && (isBest || !many)) {
        svg.append("<circle class=\"look\" r=\"").append(isBest ? "4.5" : "2").append("\" cx=\"");
        svg.append(number(scale.x(point.step()))).append("\" cy=\"");
        svg.append(number(scale.y(point.loss()))).append("\"><title>");
        svg.append(isBest ? "best: " : "").append("step ").append(Units.count(point.step()));
        svg.append(String.format(Locale.ROOT, ", validation log loss %.4f", point.loss()));
        svg.append("</title></circle>\n");
      }
    }
  }

  private void checkpoints() {
    for (CurveData.Mark mark : data.checkpoints()) {
      svg.append("<circle class=\"mark\" r=\"4.5\" cx=\"")
          .append(number(scale.x(mark.step())))
          .append("\" cy=\"")
          .append(number(frame.plotBottom()))
          .append("\"><title>")
          .append(escape("checkpoint of step " + Units.count(mark.step()) + ": " + mark.note()))
          .append("</title></circle>\n");
    }
  }

  /** A triangle above the axis for each step that training went back to. */
  private void recoveries() {
    double y = frame.plotBottom() - 8;
    for (CurveData.Mark mark : data.recoveries()) {
      double x = scale.x(mark.step());
      svg.append("<path class=\"mark\" d=\"M").append(number(x - 6)).append(' ').append(number(y));
      svg.append('L').append(number(x + 6)).append(' ').append(number(y));
      svg.append('L').append(number(x)).append(' ').append(number(y - 10)).append("Z\"><title>");
      svg.append(escape("from step " + Units.count(mark.step()) + ": " + mark.note()));
      svg.append("</title></path>\n");
    }
  }

  private void line(String kind, double x1, double y1, double x2, double y2) {
    svg.append("<line class=\"").append(kind).append("\" x1=\"").append(number(x1));
    svg.append("\" y1=\"").append(number(y1)).append("\" x2=\"").append(number(x2));
    svg.append("\" y2=\"").append(number(y2)).append("\"/>\n");
  }

  private void text(String kind, double x, double y, String text) {
    svg.append("<text class=\"").append(kind).append("\" x=\"").append(number(x));
    svg.append("\" y=\"").append(number(y)).append("\">").append(escape(text)).append("</text>\n");
  }
}
