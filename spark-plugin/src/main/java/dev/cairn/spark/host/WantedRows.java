package dev.cairn.spark.host;

import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterShard;
import dev.cairn.spark.transport.Contribution;
import dev.cairn.spark.transport.SharedRows;
import java.util.List;

/**
 * The rows of a shard that a partition asked for.
 *
 * @param rows ascending; not copied
 * @param from index of the first one
 * @param to index behind the last one
 */
record WantedRows(int[] rows, int from, int to) {

  /** Those that a contribution asks for. */
  static WantedRows of(Contribution c) {
    return new WantedRows(c.wanted(), c.wantedFrom(), c.wantedTo());
  }

  /**
   * Reads a sender's rows: first those that its partitions share, then each partition's others.
   *
   * @return the values, row after row
   */
  static float[] read(ParameterShard shard, List<WantedRows> partitions, SharedRows shared) {
    ParameterLayout layout = shard.layout();
    int[] common = shared.rows();
    int[][] cuts = new int[partitions.size()][];
    long count = layout.elements(common, 0, common.length);
    for (int i = 0; i < cuts.length; i++) {
      WantedRows wanted = partitions.get(i);
      cuts[i] = shared.cuts(wanted.rows, wanted.from, wanted.to);
      for (int k = 0; k < cuts[i].length; k += 2) {
        count += layout.elements(wanted.rows, cuts[i][k], cuts[i][k + 1]);
      }
    }
    float[] values = new float[Math.toIntExact(count)];
    int at = shard.gather(common, 0, common.length, values, 0);
    for (int i = 0; i < cuts.length; i++) {
      for (int k = 0; k < cuts[i].length; k += 2) {
        at = shard.gather(partitions.get(i).rows, cuts[i][k], cuts[i][k + 1], values, at);
      }
    }
    return values;
  }
}
