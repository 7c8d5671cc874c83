package dev.cairn.spark.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.OptimizerSpec;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes on the wire: whatever is written is read again, and nothing else is believed (S65). */
final class MessageCodecTest {
  private static final SortedMap<String, String> PROPERTIES =
      new TreeMap<>(Map.of("dfs.replication", "3", "a.b", "\u00fc"));

  private static ShardMessage assignment() {
    return new ShardMessage.AssignShard(
        "m",
        1,
        2,
        3,
        9,
        new ParameterLayout(
            List.of(ParameterVariable.table("w", 1000, 3), ParameterVariable.scalar("bias"))),
        new OptimizerSpec(
            "sgd",
            new TreeMap<>(Map.of("l1", 0.5, "l2", -0.0)),
            Optional.of("cosine decay_steps=10"),
            new TreeMap<>(
                Map.of("bias", new OptimizerSpec("adam", new TreeMap<>(Map.of("beta_1", 0.5)))))),
        8);
  }

  static List<ShardMessage> messages() {
    return List.of(
        new ShardMessage.Ping(),
        assignment(),
        new ShardMessage.Initialise("m", 1),
        new ShardMessage.RestoreShard(
            "m",
            1,
            100,
            "hdfs://n/x",
            false,
            true,
            new TreeMap<>(Map.of("w", 1L << 40)),
            PROPERTIES),
        new ShardMessage.OpenSegment("m", 1, 2, 3),
        new ShardMessage.AbandonSegment("m", 1, 2, "why"),
        new ShardMessage.Exchange(
            "m",
            1,
            4,
            2,
            3,
            false,
            List.of(
                new Contribution(
                    0, new float[] {9, 1, 2, 9}, 1, 3, new int[] {5, 6, 7}, 0, 2, 1.5, 7),
                Contribution.opening(1, new int[0], 0, 0)),
            new SharedRows(new int[] {2, 5, 5, 6, 9, 12})),
        new ShardMessage.Freeze("m", 1, 2, 3, true),
        new ShardMessage.WriteShard("m", 1, 2, "a\n0\n1\nfile:/x", PROPERTIES),
        new ShardMessage.DropFrozen("m", 1, 2),
        new ShardMessage.Gather("m", 1, 7, new int[] {1, 2, 3, 4}, 1, 3),
        new ShardMessage.ReleaseShard("m", 1),
        new ShardMessage.AskStatus("m", 1, 5, -1),
        new ShardMessage.Committed("m", 1, 2, "hdfs://n/x/ckpt-3"),
        new ShardMessage.Heartbeat(2500),
        new ShardMessage.Fence(3),
        new ShardMessage.Norms(
            "m",
            1,
            4,
            2,
            3,
            new int[] {0, 5},
            new double[] {1.5, -0.0},
            new SharedRows(new int[] {2, 4})));
  }

  static List<ShardReply> replies() {
    return List.of(
        new ShardReply.Done(),
        new ShardReply.Refused(Refusal.WRONG_STEP, "no"),
        new ShardReply.Values(4, new float[] {1, Float.NaN, -0f}),
        new ShardReply.Restored(1L << 40, 5),
        new ShardReply.Frozen(7),
        new ShardReply.Written(new byte[] {1, 2}),
        new ShardReply.Status(1, 2, 3, 4, 5, 6, 7, new double[] {.5}, new long[] {8}),
        new ShardReply.Squares(new double[] {0, Double.NaN, 3}));
  }

  @Test
  void messagesComeBackUnderTheirFixedNumbers() throws Exception {
    int number = 1;
    for (ShardMessage message : messages()) {
      byte[] bytes = bytes(MessageCodec.encode(message));
      ShardMessage back = MessageCodec.decodeMessage(ByteBuffer.wrap(bytes));
      assertEquals(message.getClass(), back.getClass());
      assertEquals(ByteBuffer.wrap(bytes), MessageCodec.encode(back));
      assertEquals(number++, bytes[1]);
    }
  }

  @Test
  void repliesComeBackUnderTheirFixedNumbers() throws Exception {
    int number = 1;
    for (ShardReply reply : replies()) {
      byte[] bytes = bytes(MessageCodec.encode(reply));
      ShardReply back = MessageCodec.decodeReply(ByteBuffer.wrap(bytes));
      assertEquals(reply.getClass(), back.getClass());
      assertEquals(ByteBuffer.wrap(bytes), MessageCodec.encode(back));
      assertEquals(number++, bytes[1]);
    }
  }

  @ParameterizedTest
  @MethodSource("messages")
  void everyCutIsMalformed(ShardMessage message) {
    byte[] bytes = bytes(MessageCodec.encode(message));
    for (int length = 0; length < bytes.length; length++) {
      ByteBuffer cut = ByteBuffer.wrap(bytes, 0, length);
      assertThrows(TransportException.Malformed.class, () -> MessageCodec.decodeMessage(cut));
    }
    ByteBuffer longer = ByteBuffer.wrap(Arrays.copyOf(bytes, bytes.length + 1));
    assertThrows(TransportException.Malformed.class, () -> MessageCodec.decodeMessage(longer));
  }

  @Test
  void aLengthIsComparedBeforeAnythingIsAllocated() {
    byte[] bytes = bytes(MessageCodec.encode(new ShardMessage.Initialise("m", 1)));
    // The count of the model's name: 2 GiB in a message of 15 bytes.
    Arrays.fill(bytes, 2, 5, (byte) -1);
    bytes[5] = 0x7f;
    TransportException.Malformed e =
        assertThrows(
            TransportException.Malformed.class,
            () -> MessageCodec.decodeMessage(ByteBuffer.wrap(bytes)));
    assertEquals(
        "Cannot read a message: a length does not fit, expected at most 9, found 2147483647"
            + " (at byte 6 of 15)",
        e.getMessage());
  }

  /** Flipped bits end in a message or in Malformed, never in anything else. */
  @Test
  void noiseIsAMessageOrMalformed() {
    Random random = new Random(1);
    List<byte[]> all = messages().stream().map(m -> bytes(MessageCodec.encode(m))).toList();
    int malformed = 0;
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = all.get(random.nextInt(all.size())).clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
      }
      try {
        MessageCodec.decodeMessage(ByteBuffer.wrap(bytes));
      } catch (TransportException.Malformed e) {
        malformed++;
      }
    }
    assertTrue(malformed > 10_000, "found " + malformed);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }
}
