package dev.cairn.spark.reading;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.shard.ParameterVariable;
import dev.cairn.spark.shard.ShardAssignment;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardAccess;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardCalls;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.TransportException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Reading weights through pages, from owners that move, refuse, hang and come back. */
class ModelReaderTest {
  private static final int FEATURES = 1_000_000;
  private static final ParameterLayout LAYOUT =
      new ParameterLayout(
          List.of(
              ParameterVariable.table("weights", FEATURES, 1), ParameterVariable.scalar("bias")));
  private static final ReadableModel MODEL = new ReadableModel("model/ckpt-1", "a", LAYOUT);
  private static final long CACHE = 64 * 1024;

  private final List<ShardMessage.Gather> gathers = new CopyOnWriteArrayList<>();
  private final List<ShardsWanted> questions = new CopyOnWriteArrayList<>();

  private static float weight(int row) {
    return (row % 1013 - 500) / 97f;
  }

  private static ShardDirectory directory(long generation) {
    return new ShardDirectory(
        "read-1",
        ShardAssignment.balanced(LAYOUT, generation, 2),
        List.of(new ShardAddress("0", "host", 1), new ShardAddress("1", "host", 2)));
  }

  /** Shards of this generation answer; others refuse, those of generation 99 hang. */
  private ShardCalls shards(long living) {
    return new ShardCalls() {
      @Override
      public CompletableFuture<ShardReply> call(ShardAddress address, ShardMessage message) {
        ShardMessage.Gather gather = (ShardMessage.Gather) message;
        gathers.add(gather);
        if (gather.generation() == 99) {
          return new CompletableFuture<>();
        } else if (gather.generation() != living) {
          return CompletableFuture.failedFuture(
              new TransportException.Refused(Refusal.WRONG_GENERATION, "it is over"));
        }
        float[] values = new float[gather.to() - gather.from()];
        for (int i = 0; i < values.length; i++) {
          values[i] = weight(gather.rows()[gather.from() + i]);
        }
        return CompletableFuture.completedFuture(new ShardReply.Values(0, values));
      }

      @Override
      public void forget(ShardAddress address, String why) {}
    };
  }

  private ModelReading reading(long living, ModelReading.Questions answers) {
    return new ModelReading(
        new ShardAccess(shards(living)),
        question -> {
          questions.add(question);
          return answers.ask(question);
        },
        new ModelReading.Settings(CACHE, 3, Duration.ofSeconds(30)));
  }

  private static double expected(int[] rows, double[] values) {
    double sum = weight(FEATURES);
    for (int k = 0; k < rows.length; k++) {
      sum += values[k] * weight(rows[k]);
    }
    return sum;
  }

  @Test
  void sumsBitForBitInTheOrderOfTheEntriesWithFewPagesInMemory() {
    ModelReading reading = reading(1, question -> new ShardsAnswer.Here(directory(1)));
    ModelReader reader = reading.reader(MODEL);
    assertSame(reader, reading.reader(MODEL));
    Random random = new Random(3);
    for (int entries : new int[] {0, 1, 7, 40, 5_000, 40, 40}) {
      int[] rows = random.ints(entries, 0, FEATURES).distinct().sorted().toArray();
      double[] values = random.doubles(rows.length, -1, 1).toArray();
      double sum = reader.sum(reader.weight(FEATURES), rows, values, null);
      assertEquals(expected(rows, values), sum, 0.0);
      assertEquals(sum, reader.sum(reader.weight(FEATURES), rows, values, null), 0.0);
      assertTrue(reading.pages() <= CACHE / PageTable.PAGE_BYTES, "pages " + reading.pages());
    }
    double[] dense = random.doubles(3_000, -1, 1).toArray();
    assertEquals(
        expected(IntStream.range(0, 3_000).toArray(), dense),
        reader.sum(reader.weight(FEATURES), dense, null),
        0.0);
    double[] halves = new double[3_000];
    java.util.Arrays.fill(halves, 2);
    double sum = weight(FEATURES);
    for (int k = 0; k < dense.length; k++) {
      sum += dense[k] * (weight(k) / 2.0);
    }
    assertEquals(sum, reader.sum(reader.weight(FEATURES), dense, halves), 0.0);
    assertEquals(1, questions.size(), "asks once, however much it reads within a second");
  }

  @Test
  void readsAPageOnceAndTheMissingOnesOfARowTogether() {
    ModelReader reader = reading(1, q -> new ShardsAnswer.Here(directory(1))).reader(MODEL);
    int[] rows = {1, 2, 5_000, 999_999};
    double[] values = {1, 1, 1, 1};
    assertEquals(expected(rows, values) - weight(FEATURES), reader.sum(0, rows, values, null), 0.0);
    assertEquals(2, gathers.size(), "one message a shard");
    reader.sum(0, new int[] {1023, 5_001}, new double[] {1, 1}, null);
    reader.sum(0, new int[] {400_000}, new double[] {0}, null);
    assertEquals(2, gathers.size(), "these are here, or not looked at");
  }

  @Test
  void asksAgainWhenOwnersRefuseAndWaitsWhileTheModelIsLoaded() {
    AtomicInteger asked = new AtomicInteger();
    ModelReader reader =
        reading(
                5,
                question ->
                    switch (asked.getAndIncrement()) {
                      case 0 -> new ShardsAnswer.Here(directory(4));
                      case 1, 2 -> new ShardsAnswer.NotYet(7);
                      default -> new ShardsAnswer.Here(directory(5));
                    })
            .reader(MODEL);
    assertEquals(weight(17), reader.weight(17));
    List<List<Long>> said = new ArrayList<>();
    questions.forEach(one -> said.add(List.of(one.failedGeneration(), one.loading())));
    assertEquals(List.of(List.of(0L, 0L), List.of(4L, 0L), List.of(4L, 7L), List.of(4L, 7L)), said);
  }

  @Test
  void leavesAnOwnerThatHangsWhenTheDriverHasGivenItUp() {
    AtomicInteger asked = new AtomicInteger();
    ModelReader reader =
        reading(100, q -> new ShardsAnswer.Here(directory(asked.getAndIncrement() == 0 ? 99 : 100)))
            .reader(MODEL);
    assertEquals(weight(17), reader.weight(17));
  }

  @Test
  void saysWhyItCannotRead() {
    ModelReader failing =
        reading(1, q -> new ShardsAnswer.Failed("its checkpoint is gone")).reader(MODEL);
    assertEquals(
        "Cannot score rows: its checkpoint is gone",
        assertThrows(IllegalStateException.class, () -> failing.weight(1)).getMessage());
    ModelReader refused = reading(1, q -> new ShardsAnswer.Here(directory(2))).reader(MODEL);
    questions.clear();
    String said = assertThrows(IllegalStateException.class, () -> refused.weight(1)).getMessage();
    assertTrue(said.contains("the weights of model/ckpt-1 cannot be read: it is over"), said);
    assertEquals(3, questions.size(), "tries are bounded");
  }
}
