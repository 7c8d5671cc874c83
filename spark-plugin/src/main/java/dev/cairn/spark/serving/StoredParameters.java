package dev.cairn.spark.serving;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.RowRequest;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.RowScorer;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * All numbers of a model's variables, read from a checkpoint into this JVM's memory: 4 bytes each.
 * Immutable, thread-safe.
 */
final class StoredParameters implements RowScorer.Parameters {
  /** The most numbers in one array, unless a row has more. */
  static final int PIECE = 1 << 28;

  /**
   * One variable.
   *
   * @param firstRow its first global row
   * @param endRow the one after its last
   * @param shift binary logarithm of the rows in a piece
   */
  private record Table(int firstRow, int endRow, int width, int shift, float[][] pieces) {}

  private final Table[] tables;

  private StoredParameters(Table[] tables) {
    this.tables = tables;
  }

  /**
   * Reads the parameters, with a thread for each processor.
   *
   * @param piece the most numbers in one array: {@link #PIECE}
   * @throws Mismatch listing what is missing, or of another shape
   */
  static StoredParameters read(CheckpointReader reader, Model model, int piece) throws IOException {
    ParameterLayout layout = model.layout();
    ModelGraph graph = ModelGraph.variables(layout);
    ModelGraph.Stored stored = graph.stored(graph.match(reader).matches());
    List<RowRequest> wanted = new ArrayList<>();
    Table[] tables = new Table[layout.variables().size()];
    for (int v = 0; v < tables.length; v++) {
      ParameterVariable variable = layout.variables().get(v);
      String key = stored.key(variable, Optional.empty());
      int perPiece = Integer.highestOneBit(Math.max(1, piece / variable.width()));
      long rows = variable.rows();
      float[][] pieces = new float[(int) ((rows + perPiece - 1) / perPiece)][];
      for (int p = 0; p < pieces.length; p++) {
        long first = (long) p * perPiece;
        int count = (int) Math.min(perPiece, rows - first);
        pieces[p] = new float[count * variable.width()];
        wanted.add(new RowRequest(key, first, count, pieces[p], 0));
      }
      tables[v] =
          new Table(
              layout.firstRow(v),
              layout.firstRow(v + 1),
              variable.width(),
              Integer.numberOfTrailingZeros(perPiece),
              pieces);
    }
    reader.readAll(wanted, Runtime.getRuntime().availableProcessors());
    return new StoredParameters(tables);
  }

  @Override
  public void read(int[] rows, int count, float[] into) {
    int k = 0;
    int to = 0;
    for (int v = 0; k < count; v++) {
      Table table = tables[v];
      int width = table.width();
      int mask = (1 << table.shift()) - 1;
      for (; k < count && rows[k] < table.endRow(); k++) {
        int row = rows[k] - table.firstRow();
        float[] piece = table.pieces()[row >>> table.shift()];
        int from = (row & mask) * width;
        if (width == 1) {
          into[to] = piece[from];
        } else {
          System.arraycopy(piece, from, into, to, width);
        }
        to += width;
      }
    }
  }
}
