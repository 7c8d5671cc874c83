package dev.cairn.spark.transport;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.shard.Initializer;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads messages; {@link MessageWriter} is its mirror. */
final class MessageReader {
  /** The fewest bytes of a contribution: partition, two counts, loss and its rows. */
  private static final int SMALLEST_CONTRIBUTION = 4 + 4 + 4 + 8 + 8;

  /** The fewest bytes of a variable: an empty name, rows, width, rank, regularised, initial. */
  private static final int SMALLEST_VARIABLE = 4 + 8 + 4 + 1 + 1 + 8 + 8;

  /** The fewest bytes of an optimizer: name, settings, schedule. */
  private static final int SMALLEST_OPTIMIZER = 4 + 4 + 4;

  private MessageReader() {}

  static ShardMessage read(WireReader in) throws TransportException.Malformed {
    int kind = in.u8();
    if (kind == 1) {
      return new ShardMessage.Ping();
    }
    if (kind == 15) {
      return new ShardMessage.Heartbeat(in.i64());
    }
    if (kind == 16) {
      return new ShardMessage.Fence(in.i64());
    }
    if (kind < 1 || kind > 17) {
      throw in.malformed("unknown kind of message " + kind);
    }
    String model = in.text();
    long generation = in.i64();
    return switch (kind) {
      case 2 -> assign(in, model, generation);
      case 3 -> new ShardMessage.Initialise(model, generation);
      case 4 ->
          new ShardMessage.RestoreShard(
              model,
              generation,
              in.i64(),
              in.text(),
              in.flag(),
              in.flag(),
              in.map(Long.BYTES, WireReader::i64),
              in.map(4, WireReader::text));
      case 5 -> new ShardMessage.OpenSegment(model, generation, in.i64(), in.i64());
      case 6 -> new ShardMessage.AbandonSegment(model, generation, in.i64(), in.text());
      case 7 -> exchange(in, model, generation);
      case 8 -> new ShardMessage.Freeze(model, generation, in.i64(), in.i64(), in.flag());
      case 9 ->
          new ShardMessage.WriteShard(
              model, generation, in.i64(), in.text(), in.map(4, WireReader::text));
      case 10 -> new ShardMessage.DropFrozen(model, generation, in.i64());
      case 11 -> {
        int shard = in.i32();
        int[] rows = in.ints();
        yield new ShardMessage.Gather(model, generation, shard, rows, 0, rows.length);
      }
      case 12 -> new ShardMessage.ReleaseShard(model, generation);
      case 13 -> new ShardMessage.AskStatus(model, generation, in.i32(), in.i64());
      case 17 ->
          new ShardMessage.Norms(
              model,
              generation,
              in.i32(),
              in.i64(),
              in.i64(),
              in.ints(),
              in.doubles(),
              new SharedRows(in.ints()));
      default -> new ShardMessage.Committed(model, generation, in.i64(), in.text());
    };
  }

  private static ShardMessage exchange(WireReader in, String model, long generation)
      throws TransportException.Malformed {
    int shard = in.i32();
    long segment = in.i64();
    long step = in.i64();
    boolean opening = in.flag();
    int count = in.count(SMALLEST_CONTRIBUTION);
    List<Contribution> contributions = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      int partition = in.i32();
      float[] gradients = in.floats();
      int[] wanted = in.ints();
      contributions.add(
          new Contribution(
              partition,
              gradients,
              0,
              gradients.length,
              wanted,
              0,
              wanted.length,
              in.f64(),
              in.i64()));
    }
    return new ShardMessage.Exchange(
        model, generation, shard, segment, step, opening, contributions, new SharedRows(in.ints()));
  }

  private static ParameterVariable variable(WireReader in) throws TransportException.Malformed {
    return new ParameterVariable(
        in.text(), in.i64(), in.i32(), in.u8(), in.flag(), new Initializer(in.f64(), in.i64()));
  }

  private static ShardMessage assign(WireReader in, String model, long generation)
      throws TransportException.Malformed {
    int shard = in.i32();
    int firstBlock = in.i32();
    int endBlock = in.i32();
    int count = in.count(SMALLEST_VARIABLE);
    List<ParameterVariable> variables = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      variables.add(variable(in));
    }
    return new ShardMessage.AssignShard(
        model,
        generation,
        shard,
        firstBlock,
        endBlock,
        new ParameterLayout(variables),
        optimizer(in).withForVariables(in.map(SMALLEST_OPTIMIZER, MessageReader::optimizer)),
        in.i32());
  }

  /** Reads an optimizer without its choices for variables. */
  private static OptimizerSpec optimizer(WireReader in) throws TransportException.Malformed {
    return new OptimizerSpec(
        in.text(),
        in.map(8, WireReader::f64),
        Optional.of(in.text()).filter(schedule -> !schedule.isEmpty()));
  }
}
