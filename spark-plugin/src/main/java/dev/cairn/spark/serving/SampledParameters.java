package dev.cairn.spark.serving;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.RowRequest;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.RowScorer;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The parameters of a few rows of data: these are scored once with zeros, which tells what they
 * need; then only that is read. Memory: what a few rows need, whatever the size of the model. Not
 * thread-safe.
 */
final class SampledParameters implements RowScorer.Parameters {
  private final ParameterLayout layout;
  private final Map<Integer, float[]> wanted = new TreeMap<>();

  SampledParameters(Model model) {
    this.layout = model.layout();
  }

  @Override
  public void read(int[] rows, int count, float[] into) {
    int to = 0;
    for (int k = 0; k < count; k++) {
      float[] numbers = wanted.computeIfAbsent(rows[k], this::zeros);
      System.arraycopy(numbers, 0, into, to, numbers.length);
      to += numbers.length;
    }
  }

  private float[] zeros(int row) {
    return new float[layout.variables().get(variable(row)).width()];
  }

  private int variable(int row) {
    int v = 0;
    while (row >= layout.firstRow(v + 1)) {
      v++;
    }
    return v;
  }

  /** Reads the numbers of all rows that were asked for. */
  void load(CheckpointReader reader) throws IOException {
    ModelGraph graph = ModelGraph.variables(layout);
    ModelGraph.Stored stored = graph.stored(graph.match(reader).matches());
    List<RowRequest> requests = new ArrayList<>();
    wanted.forEach(
        (row, into) -> {
          int v = variable(row);
          ParameterVariable variable = layout.variables().get(v);
          String key = stored.key(variable, Optional.empty());
          requests.add(new RowRequest(key, row - layout.firstRow(v), 1, into, 0));
        });
    reader.readAll(requests, 1);
  }
}
