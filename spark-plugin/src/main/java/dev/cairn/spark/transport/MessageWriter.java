package dev.cairn.spark.transport;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.shard.ParameterVariable;
import java.nio.ByteBuffer;

/** Writes messages; {@link MessageReader} is its mirror. */
final class MessageWriter {
  /** The first size of a buffer, which is enough for nearly every message without its arrays. */
  private static final int SMALL = 192;

  private static final int PER_CONTRIBUTION = 40;

  private MessageWriter() {}

  static ByteBuffer write(ShardMessage message) {
    WireWriter out = new WireWriter(expectedBytes(message)).u8(MessageCodec.VERSION);
    // Java 17 has no pattern switch: a chain, the frequent one first.
    if (message instanceof ShardMessage.Exchange m) {
      exchange(head(out, 7, m.model(), m.generation()), m);
    } else if (message instanceof ShardMessage.Ping) {
      out.u8(1);
    } else if (message instanceof ShardMessage.AssignShard m) {
      assign(head(out, 2, m.model(), m.generation()), m);
    } else if (message instanceof ShardMessage.Initialise m) {
      head(out, 3, m.model(), m.generation());
    } else if (message instanceof ShardMessage.RestoreShard m) {
      head(out, 4, m.model(), m.generation())
          .i64(m.step())
          .text(m.path())
          .u8(m.slots() ? 1 : 0)
          .u8(m.keep() ? 1 : 0)
          .map(m.grown(), WireWriter::i64)
          .map(m.hadoopProperties(), WireWriter::text);
    } else if (message instanceof ShardMessage.OpenSegment m) {
      head(out, 5, m.model(), m.generation()).i64(m.segment()).i64(m.step());
    } else if (message instanceof ShardMessage.AbandonSegment m) {
      head(out, 6, m.model(), m.generation()).i64(m.segment()).text(m.why());
    } else if (message instanceof ShardMessage.Freeze m) {
      head(out, 8, m.model(), m.generation()).i64(m.step()).i64(m.saveId()).u8(m.keep() ? 1 : 0);
    } else if (message instanceof ShardMessage.WriteShard m) {
      head(out, 9, m.model(), m.generation())
          .i64(m.saveId())
          .text(m.target())
          .map(m.hadoopProperties(), WireWriter::text);
    } else if (message instanceof ShardMessage.DropFrozen m) {
      head(out, 10, m.model(), m.generation()).i64(m.saveId());
    } else if (message instanceof ShardMessage.Gather m) {
      head(out, 11, m.model(), m.generation()).i32(m.shard()).ints(m.rows(), m.from(), m.to());
    } else if (message instanceof ShardMessage.ReleaseShard m) {
      head(out, 12, m.model(), m.generation());
    } else if (message instanceof ShardMessage.AskStatus m) {
      head(out, 13, m.model(), m.generation()).i32(m.shard()).i64(m.sinceStep());
    } else if (message instanceof ShardMessage.Committed m) {
      head(out, 14, m.model(), m.generation()).i64(m.saveId()).text(m.path());
    } else if (message instanceof ShardMessage.Heartbeat m) {
      out.u8(15).i64(m.leaseMillis());
    } else if (message instanceof ShardMessage.Fence m) {
      out.u8(16).i64(m.number());
    } else if (message instanceof ShardMessage.Norms m) {
      head(out, 17, m.model(), m.generation())
          .i32(m.shard())
          .i64(m.segment())
          .i64(m.step())
          .ints(m.partitions(), 0, m.partitions().length)
          .doubles(m.squares())
          .ints(m.shared().bounds(), 0, m.shared().bounds().length);
    } else {
      throw new AssertionError(message);
    }
    return out.done();
  }

  private static long expectedBytes(ShardMessage message) {
    long bytes = SMALL;
    if (message instanceof ShardMessage.Exchange m) {
      for (Contribution c : m.contributions()) {
        bytes += PER_CONTRIBUTION + 4L * (c.gradientCount() + c.wantedCount());
      }
      bytes += 4L * m.shared().bounds().length;
    } else if (message instanceof ShardMessage.Gather m) {
      bytes += 4L * (m.to() - m.from());
    }
    return bytes;
  }

  private static WireWriter head(WireWriter out, int kind, String model, long generation) {
    return out.u8(kind).text(model).i64(generation);
  }

  private static void exchange(WireWriter out, ShardMessage.Exchange m) {
    out.i32(m.shard()).i64(m.segment()).i64(m.step()).u8(m.opening() ? 1 : 0);
    out.i32(m.contributions().size());
    for (Contribution c : m.contributions()) {
      out.i32(c.partition())
          .floats(c.gradients(), c.gradientsFrom(), c.gradientsTo())
          .ints(c.wanted(), c.wantedFrom(), c.wantedTo())
          .f64(c.lossSum())
          .i64(c.lossRows());
    }
    int[] bounds = m.shared().bounds();
    out.ints(bounds, 0, bounds.length);
  }

  private static void assign(WireWriter out, ShardMessage.AssignShard m) {
    out.i32(m.shard()).i32(m.firstBlock()).i32(m.endBlock());
    out.i32(m.layout().variables().size());
    for (ParameterVariable variable : m.layout().variables()) {
      out.text(variable.name()).i64(variable.rows()).i32(variable.width());
      out.u8(variable.rank()).u8(variable.regularised() ? 1 : 0);
      out.f64(variable.initial().deviation()).i64(variable.initial().seed());
    }
    optimizer(out, m.optimizer());
    out.map(m.optimizer().forVariables(), MessageWriter::optimizer).i32(m.partitions());
  }

  /** Writes an optimizer without its choices for variables. */
  private static void optimizer(WireWriter out, OptimizerSpec optimizer) {
    out.text(optimizer.name())
        .map(optimizer.hyperparameters(), WireWriter::f64)
        .text(optimizer.schedule().orElse(""));
  }
}
