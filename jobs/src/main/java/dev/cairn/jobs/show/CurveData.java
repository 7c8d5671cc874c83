package dev.cairn.jobs.show;

import java.util.ArrayList;
import java.util.List;

/**
 * The data of a run's training curve.
 *
 * @param title the run's name
 * @param subtitle a description of the training
 * @param points mean training loss a row, in order of steps
 * @param validation mean loss a row of rows that are held out while it trains; often empty
 * @param checkpoints the steps of committed checkpoints
 * @param recoveries the steps that training went back to after executors were lost or changed
 * @param stepsPerEpoch 0 when not known
 * @param references losses to compare with: horizontal lines
 * @param facts figures beside the curve
 */
public record CurveData(
    String title,
    String subtitle,
    List<Point> points,
    List<Point> validation,
    List<Mark> checkpoints,
    List<Mark> recoveries,
    long stepsPerEpoch,
    List<Reference> references,
    List<Fact> facts) {

  /** Mean loss a row of the steps up to {@code step} since the point before. */
  public record Point(long step, double loss) {}

  /** A committed checkpoint, or a recovery. */
  public record Mark(long step, String note) {}

  /** A horizontal line. */
  public record Reference(String name, double loss) {}

  /** A figure with its name. */
  public record Fact(String name, String value) {}

  /** The curve that an earlier part of the same run has drawn. */
  public record Earlier(
      List<Point> points, List<Point> validation, List<Mark> checkpoints, List<Mark> recoveries) {
    /** The earlier curve of a first part: none. */
    public static final Earlier NOTHING = new Earlier(List.of(), List.of(), List.of(), List.of());

    /** Copies the lists. */
    public Earlier {
      points = List.copyOf(points);
      validation = List.copyOf(validation);
      checkpoints = List.copyOf(checkpoints);
      recoveries = List.copyOf(recoveries);
    }
  }

  /** Copies the lists. */
  public CurveData {
    points = List.copyOf(points);
    validation = List.copyOf(validation);
    checkpoints = List.copyOf(checkpoints);
    recoveries = List.copyOf(recoveries);
    references = List.copyOf(references);
    facts = List.copyOf(facts);
  }

  /** The same with other points. */
  CurveData withPoints(List<Point> others) {
    return new CurveData(
        title,
        subtitle,
        others,
        validation,
        checkpoints,
        recoveries,
        stepsPerEpoch,
        references,
        facts);
  }

  /** The same run under another name. */
  public CurveData withTitle(String other) {
    return new CurveData(
        other,
        subtitle,
        points,
        validation,
        checkpoints,
        recoveries,
        stepsPerEpoch,
        references,
        facts);
  }

  /** The last step of the points; 0 if there is none. */
  public long lastStep() {
    return points.isEmpty() ? 0 : points.get(points.size() - 1).step();
  }

  /** The part of it up to and with a step. */
  Earlier upTo(long lastStep) {
    return new Earlier(
        points.stream().filter(point -> point.step() <= lastStep).toList(),
        validation.stream().filter(point -> point.step() <= lastStep).toList(),
        checkpoints.stream().filter(mark -> mark.step() <= lastStep).toList(),
        recoveries.stream().filter(mark -> mark.step() <= lastStep).toList());
  }

  /**
   * At most {@code most} of {@code points}: neighbours are averaged, so that a long run is drawn as
   * fast as a short one.
   */
  public static List<Point> thin(List<Point> points, int most) {
    if (points.size() <= most) {
      return List.copyOf(points);
    }
    int group = (points.size() + most - 1) / most;
    List<Point> thin = new ArrayList<>();
    for (int from = 0; from < points.size(); from += group) {
      List<Point> part = points.subList(from, Math.min(points.size(), from + group));
      double sum = 0;
      for (Point point : part) {
        sum += point.loss();
      }
      thin.add(new Point(part.get(part.size() - 1).step(), sum / part.size()));
    }
    return thin;
  }
}
