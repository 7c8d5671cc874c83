package dev.cairn.jobs.show;

import static dev.cairn.jobs.show.CurvePage.escape;
import static dev.cairn.jobs.show.CurvePage.number;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * The drawing of a {@link CurvePage}: axes, reference lines, the curve, a mark for each checkpoint.
 */
final class CurveDrawing {
  private final CurveData data;
  private final List<CurveData.Point> points;
  private final CurveScale scale;
  private final StringBuilder svg = new StringBuilder();

  CurveDrawing(CurveData data, List<CurveData.Point> points, CurveScale scale) {
    this.data = data;
    this.points = points;
    this.scale = scale;
  }

  String svg() {
    svg.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Training loss by step\">\n"
            .replaceFirst("%d", Integer.toString(CurveScale.WIDTH))
            .replaceFirst("%d", Integer.toString(CurveScale.HEIGHT)));
    axes();
    epochs();
    references();
    curve();
    checkpoints();
    recoveries();
    svg.append(
        "<g id=\"cursor\" visibility=\"hidden\"><line id=\"hair\"/><circle id=\"dot\" r=\"4.5\"/></g>\n</svg>");
    return svg.toString();
  }

  private void axes() {
    double bottom = CurveScale.HEIGHT - CurveScale.BOTTOM;
    double right = CurveScale.WIDTH - CurveScale.RIGHT;
    for (double tick : scale.lossTicks()) {
      line("grid", CurveScale.LEFT, scale.y(tick), right, scale.y(tick));
      text(
          "tick end",
          CurveScale.LEFT - 8,
          scale.y(tick) + 4,
          String.format(Locale.ROOT, decimals(), tick));
    }
    line("axis", CurveScale.LEFT, bottom, right, bottom);
    for (long tick : scale.stepTicks()) {
      line("axis", scale.x(tick), bottom, scale.x(tick), bottom + 4);
      text("tick middle", scale.x(tick), bottom + 18, Units.count(tick));
    }
    text("label", 8, 16, "log loss a row (nats)");
    text("label middle", (CurveScale.LEFT + right) / 2, bottom + 36, "step");
  }

  private String decimals() {
    double step = scale.lossTicks().size() < 2 ? 1 : scale.lossTicks().get(1) - scale.lowLoss();
    return step >= 0.9 ? "%.0f" : step >= 0.09 ? "%.1f" : step >= 0.009 ? "%.2f" : "%.3f";
  }

  private void epochs() {
    long every = data.stepsPerEpoch();
    if (every <= 0 || scale.lastStep() / every > 40) {
      return;
    }
    for (long step = every; step <= scale.lastStep(); step += every) {
      double x = scale.x(step);
      line("epoch", x, CurveScale.TOP, x, CurveScale.HEIGHT - CurveScale.BOTTOM);
      text("small end", x - 4, CurveScale.TOP + 10, "epoch " + step / every);
    }
  }

  /** Reference lines, their names kept apart at the right edge. */
  private void references() {
    double right = CurveScale.WIDTH - CurveScale.RIGHT;
    List<CurveData.Reference> sorted = new ArrayList<>(data.references());
    sorted.removeIf(reference -> !Double.isFinite(reference.loss()));
    sorted.sort(Comparator.comparingDouble(CurveData.Reference::loss).reversed());
    double free = CurveScale.TOP;
    for (CurveData.Reference reference : sorted) {
      double y = scale.y(reference.loss());
      line("reference", CurveScale.LEFT, y, right, y);
      double at = Math.max(y - 2, free);
      free = at + 34;
      text("name", right + 8, at, reference.name());
      text("value", right + 8, at + 14, String.format(Locale.ROOT, "%.4f", reference.loss()));
    }
  }

  private void curve() {
    StringBuilder path = new StringBuilder();
    for (CurveData.Point point : points) {
      if (Double.isFinite(point.loss())) {
        path.append(path.length() == 0 ? 'M' : 'L')
            .append(number(scale.x(point.step())))
            .append(' ')
            .append(number(scale.y(point.loss())));
      }
    }
    if (path.length() > 0) {
      svg.append("<path class=\"curve\" d=\"").append(path).append("\"/>\n");
    }
  }

  private void checkpoints() {
    double y = CurveScale.HEIGHT - CurveScale.BOTTOM;
    for (CurveData.Mark mark : data.checkpoints()) {
      svg.append("<circle class=\"mark\" r=\"5\" cx=\"")
          .append(number(scale.x(mark.step())))
          .append("\" cy=\"")
          .append(number(y))
          .append("\"><title>")
          .append(escape("checkpoint of step " + Units.count(mark.step()) + ": " + mark.note()))
          .append("</title></circle>\n");
    }
    if (!data.checkpoints().isEmpty()) {
      double legend = CurveScale.HEIGHT - 10;
      svg.append("<circle class=\"mark\" r=\"5\" cx=\"")
          .append(CurveScale.LEFT + 5)
          .append("\" cy=\"")
          .append(number(legend - 4))
          .append("\"/>\n");
      text(
          "small",
          CurveScale.LEFT + 16,
          legend,
          "committed checkpoint (point at it for size and time)");
    }
  }

  /** A triangle above the axis for each step that training went back to. */
  private void recoveries() {
    double y = CurveScale.HEIGHT - CurveScale.BOTTOM - 8;
    for (CurveData.Mark mark : data.recoveries()) {
      triangle(
          scale.x(mark.step()), y, "from step " + Units.count(mark.step()) + ": " + mark.note());
    }
    if (!data.recoveries().isEmpty()) {
      double legend = CurveScale.HEIGHT - 10;
      triangle(CurveScale.LEFT + 345, legend, "");
      text("small", CurveScale.LEFT + 356, legend, "executors lost or changed (point at it)");
    }
  }

  private void triangle(double x, double y, String title) {
    svg.append("<path class=\"mark\" d=\"M").append(number(x - 6)).append(' ').append(number(y));
    svg.append('L').append(number(x + 6)).append(' ').append(number(y));
    svg.append('L').append(number(x)).append(' ').append(number(y - 10)).append("Z\"><title>");
    svg.append(escape(title)).append("</title></path>\n");
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
