package dev.cairn.spark.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.optimizer.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Views of a block show what was, whatever is changed, released and turned back in between. */
class LiveBlockTest {
  private static final Update ADAGRAD = Optimizers.of("adagrad", new TreeMap<>()).at(0, true);
  private static final int ELEMENTS = 1_000;

  private static LiveBlock block() {
    LiveBlock block = new LiveBlock(ELEMENTS, 1);
    block.load(0, new float[ELEMENTS]);
    block.load(1, new float[ELEMENTS]);
    return block;
  }

  private static void change(LiveBlock block, int... places) {
    double[] gradients = new double[places.length];
    Arrays.fill(gradients, 1);
    var unused = block.apply(ADAGRAD, places, places.length, gradients);
  }

  /** One who was about to turn the block back when it was given to others comes too late. */
  @Test
  void aReleasedViewTurnsNothingBack() {
    LiveBlock block = block();
    LiveBlock.View view = block.freeze();
    change(block, 7);
    float[] now = block.values().clone();
    view.release();
    assertFalse(view.rollBack());
    view.release();
    assertFalse(view.rollBack());
    assertNull(view.read(0, new LiveBlock.Scratch()));
    assertArrayEquals(now, block.values());
  }

  @Test
  void whatAReaderHoldsStaysWhenTheBlockIsTurnedBack() {
    LiveBlock block = block();
    LiveBlock.View view = block.freeze();
    int[] all = new int[ELEMENTS];
    Arrays.setAll(all, i -> i);
    change(block, all);
    float[] read = view.read(0, new LiveBlock.Scratch());
    assertTrue(view.rollBack());
    change(block, all);
    assertArrayEquals(new float[ELEMENTS], read);
  }

  /** Against whole copies, over many turns of everything that can be done to a block. */
  @Test
  void anyMixOfViews() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      LiveBlock block = block();
      var views = new ArrayList<LiveBlock.View>();
      var wanted = new ArrayList<float[][]>();
      for (int turn = 0; turn < 60; turn++) {
        int at = views.isEmpty() ? -1 : random.nextInt(views.size());
        switch (random.nextInt(6)) {
          case 0 -> {
            views.add(block.freeze());
            wanted.add(now(block));
          }
          case 1 -> {
            if (at >= 0) {
              assertTrue(views.get(at).rollBack());
              assertSame(wanted.get(at), now(block));
            }
          }
          case 2 -> {
            if (at >= 0) {
              views.get(at).release();
              views.remove(at).release();
              wanted.remove(at);
            }
          }
          default ->
              change(block, random.ints(1 + random.nextInt(80), 0, ELEMENTS).distinct().toArray());
        }
        LiveBlock.Scratch scratch = new LiveBlock.Scratch();
        for (int v = 0; v < views.size(); v++) {
          assertArrayEquals(wanted.get(v)[0], views.get(v).read(0, scratch));
          assertArrayEquals(wanted.get(v)[1], views.get(v).read(1, scratch));
        }
      }
    }
  }

  /** The block's parts by way of a view that is gone at once. */
  private static float[][] now(LiveBlock block) {
    LiveBlock.View view = block.freeze();
    float[][] parts = {
      view.read(0, new LiveBlock.Scratch()), view.read(1, new LiveBlock.Scratch())
    };
    view.release();
    view.release();
    return parts;
  }

  private static void assertSame(float[][] wanted, float[][] found) {
    assertEquals(wanted.length, found.length);
    for (int part = 0; part < wanted.length; part++) {
      assertArrayEquals(wanted[part], found[part]);
    }
  }
}
