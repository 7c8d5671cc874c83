package dev.cairn.spark.transport;

import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * Messages and replies as bytes: one byte of protocol version, one of the kind, then the record's
 * components in their order, little-endian. Arrays, texts and maps have an int32 count before them.
 * Kinds are fixed: a number, once given, never gets another meaning.
 */
final class MessageCodec {
  /**
   * The protocol's version. Both ends run the same jar: another version on the line is a mistake in
   * the installation.
   */
  static final int VERSION = 5;

  private MessageCodec() {}

  static ByteBuffer encode(ShardMessage message) {
    return MessageWriter.write(message);
  }

  static ByteBuffer encode(ShardReply reply) {
    return ReplyCodec.write(reply);
  }

  static ShardMessage decodeMessage(ByteBuffer bytes) throws TransportException.Malformed {
    WireReader in = new WireReader(bytes);
    version(in);
    try {
      ShardMessage message = MessageReader.read(in);
      in.end();
      return message;
    } catch (IllegalArgumentException | IndexOutOfBoundsException | ArithmeticException e) {
      // A record's own checks refuse it.
      throw in.malformed(String.valueOf(e.getMessage()));
    }
  }

  static ShardReply decodeReply(ByteBuffer bytes) throws TransportException.Malformed {
    WireReader in = new WireReader(bytes);
    version(in);
    ShardReply reply = ReplyCodec.read(in);
    in.end();
    return reply;
  }

  private static void version(WireReader in) throws TransportException.Malformed {
    int version = in.u8();
    if (version != VERSION) {
      throw in.malformed(
          String.format(
              Locale.ROOT,
              "another version of the protocol, expected %d, found %d; use the same jar everywhere",
              VERSION,
              version));
    }
  }
}
