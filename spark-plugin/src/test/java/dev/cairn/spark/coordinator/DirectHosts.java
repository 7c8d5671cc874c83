package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.CommittedCheckpoint;
import dev.cairn.checkpoint.graph.ObjectGraph;
import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.host.ShardHost;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.shard.ModelGraph;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.shard.ShardAssignment;
import dev.cairn.spark.transport.Contribution;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.TransportException.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * A model of two variables on shard hosts in this JVM that are called directly. One thread uses it.
 */
final class DirectHosts implements Shards, AutoCloseable {
  static final int ROWS = 200_000;
  private static final ParameterLayout LAYOUT =
      new ParameterLayout(
          List.of(ParameterVariable.table("w", ROWS - 1, 1), ParameterVariable.scalar("b")));
  static final OptimizerSpec OPTIMIZER =
      new OptimizerSpec("adagrad", new TreeMap<>(Map.of("learning_rate", 0.5)));

  private final List<ShardHost> all = new ArrayList<>();
  private final ShardAssignment assignment;
  private long step;

  /** The action before the driver writes its file. */
  volatile Runnable beforeGraph = () -> {};

  /** Shards that are assigned, but have no values yet. */
  DirectHosts(int count, Supplier<ShardHost> hosts) throws Exception {
    assignment = ShardAssignment.balanced(LAYOUT, 1, count);
    for (int s = 0; s < count; s++) {
      ShardHost host = hosts.get();
      all.add(host);
      call(
              s,
              new ShardMessage.AssignShard(
                  "m",
                  1,
                  s,
                  assignment.firstBlock(s),
                  assignment.endBlock(s),
                  LAYOUT,
                  OPTIMIZER,
                  1),
              ShardReply.Done.class)
          .get();
    }
  }

  void initialise() throws Exception {
    for (int s = 0; s < all.size(); s++) {
      call(s, new ShardMessage.Initialise("m", 1), ShardReply.Done.class).get();
    }
  }

  void restore(CommittedCheckpoint checkpoint) throws Exception {
    step = checkpoint.step();
    for (int s = 0; s < all.size(); s++) {
      call(
              s,
              new ShardMessage.RestoreShard(
                  "m", 1, step, checkpoint.path(), true, false, new TreeMap<>()),
              ShardReply.Restored.class)
          .get();
    }
  }

  /** One step in which every row gets a gradient. */
  void train() throws Exception {
    int[] rows = IntStream.range(0, ROWS).toArray();
    step++;
    for (int s = 0; s < all.size(); s++) {
      int from = assignment.firstRow(s);
      int to = assignment.endRow(s);
      float[] gradients = new float[to - from];
      for (int i = 0; i < gradients.length; i++) {
        gradients[i] = 1 + (from + i + step) % 5;
      }
      call(s, new ShardMessage.OpenSegment("m", 1, step, step - 1), ShardReply.Done.class).get();
      Contribution first = Contribution.opening(0, rows, from, to);
      Contribution then =
          new Contribution(0, gradients, 0, gradients.length, rows, from, from, 0, 0);
      call(s, exchange(s, step - 1, true, first), ShardReply.Values.class).get();
      call(s, exchange(s, step, false, then), ShardReply.Values.class).get();
    }
  }

  private ShardMessage exchange(int shard, long at, boolean opening, Contribution contribution) {
    return new ShardMessage.Exchange("m", 1, shard, step, at, opening, List.of(contribution));
  }

  float[] values() throws Exception {
    float[] values = new float[ROWS];
    for (int s = 0; s < all.size(); s++) {
      int from = assignment.firstRow(s);
      int[] rows = IntStream.range(from, assignment.endRow(s)).toArray();
      ShardReply.Values reply =
          call(s, new ShardMessage.Gather("m", 1, s, rows, 0, rows.length), ShardReply.Values.class)
              .get();
      System.arraycopy(reply.values(), 0, values, from, rows.length);
    }
    return values;
  }

  @Override
  public void close() {
    all.forEach(ShardHost::close);
  }

  @Override
  public String model() {
    return "m";
  }

  @Override
  public long generation() {
    return 1;
  }

  @Override
  public List<ShardAddress> owners() {
    return IntStream.range(0, all.size())
        .mapToObj(s -> new ShardAddress(Integer.toString(s), "host", s + 1))
        .toList();
  }

  @Override
  public ObjectGraph graph(long at) {
    beforeGraph.run();
    return ModelGraph.at(LAYOUT, Optimizers.of(OPTIMIZER), at);
  }

  @Override
  public List<ShardAddress> hosts() {
    return owners();
  }

  @Override
  public <R extends ShardReply> CompletableFuture<R> call(
      ShardAddress host, ShardMessage message, Class<R> type) {
    return call(host.port() - 1, message, type);
  }

  private <R extends ShardReply> CompletableFuture<R> call(
      int shard, ShardMessage message, Class<R> type) {
    return all.get(shard)
        .handle(message)
        .thenApply(
            reply -> {
              if (reply instanceof ShardReply.Refused refused) {
                throw new CompletionException(new Refused(refused.reason(), refused.message()));
              }
              return type.cast(reply);
            });
  }
}
