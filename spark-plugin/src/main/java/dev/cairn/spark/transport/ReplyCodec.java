package dev.cairn.spark.transport;

import java.nio.ByteBuffer;

/** Writes and reads replies. */
final class ReplyCodec {
  private static final int SMALL = 128;

  private ReplyCodec() {}

  static ByteBuffer write(ShardReply reply) {
    WireWriter out = new WireWriter(expectedBytes(reply)).u8(MessageCodec.VERSION);
    if (reply instanceof ShardReply.Values r) {
      out.u8(3).i64(r.step()).floats(r.values(), 0, r.values().length);
    } else if (reply instanceof ShardReply.Done) {
      out.u8(1);
    } else if (reply instanceof ShardReply.Refused r) {
      out.u8(2).i32(r.reason().number()).text(r.message());
    } else if (reply instanceof ShardReply.Restored r) {
      out.u8(4).i64(r.storageBytes()).i64(r.memoryBytes());
    } else if (reply instanceof ShardReply.Frozen r) {
      out.u8(5).i64(r.bytes());
    } else if (reply instanceof ShardReply.Written r) {
      out.u8(6).bytes(r.report());
    } else if (reply instanceof ShardReply.Status r) {
      out.u8(7).i64(r.step()).i64(r.segment()).i64(r.rows()).i64(r.bytes()).i64(r.copiedBytes());
      out.i32(r.waiting()).i64(r.firstLossStep()).doubles(r.lossSums()).longs(r.lossRows());
    } else if (reply instanceof ShardReply.Squares r) {
      out.u8(8).doubles(r.squares());
    } else {
      throw new AssertionError(reply);
    }
    return out.done();
  }

  private static long expectedBytes(ShardReply reply) {
    if (reply instanceof ShardReply.Squares r) {
      return SMALL + 8L * r.squares().length;
    }
    return reply instanceof ShardReply.Values r ? 16 + 4L * r.values().length : SMALL;
  }

  static ShardReply read(WireReader in) throws TransportException.Malformed {
    int kind = in.u8();
    return switch (kind) {
      case 1 -> new ShardReply.Done();
      case 2 -> new ShardReply.Refused(Refusal.ofNumber(in.i32()), in.text());
      case 3 -> new ShardReply.Values(in.i64(), in.floats());
      case 4 -> new ShardReply.Restored(in.i64(), in.i64());
      case 5 -> new ShardReply.Frozen(in.i64());
      case 6 -> new ShardReply.Written(in.bytes());
      case 7 ->
          new ShardReply.Status(
              in.i64(),
              in.i64(),
              in.i64(),
              in.i64(),
              in.i64(),
              in.i32(),
              in.i64(),
              in.doubles(),
              in.longs());
      case 8 -> new ShardReply.Squares(in.doubles());
      default -> throw in.malformed("unknown kind of reply " + kind);
    };
  }
}
