package dev.cairn.spark.serving;

import dev.cairn.checkpoint.FolderOptions;
import java.util.Map;

/** A program that scores a row with each model that it is told of, on whatever class path. */
final class ScoresAlone {
  static final Map<String, Object> ROW = Map.of("origin", "JFK", "hour", 18, "distance", 1020);

  private ScoresAlone() {}

  /** Prints a line of the bits of scores for each run. */
  public static void main(String[] runs) throws Exception {
    for (String name :
        new String[] {"org.apache.spark.SparkContext", "scala.Option", "io.netty.buffer.ByteBuf"}) {
      try {
        System.out.println("found " + Class.forName(name));
      } catch (ClassNotFoundException e) {
        // As it should be.
      }
    }
    for (String run : runs) {
      System.out.println("scores" + bits(RowPredictor.load(run, FolderOptions.defaults())));
    }
  }

  static String bits(RowPredictor model) {
    StringBuilder bits = new StringBuilder();
    for (double score : model.scores(ROW)) {
      bits.append(' ').append(Double.doubleToRawLongBits(score));
    }
    return bits.toString();
  }
}
