package dev.cairn.jobs.bench;

import dev.cairn.spark.data.Batch;
import dev.cairn.spark.data.PackedPartition;
import dev.cairn.spark.data.TrainingData;
import dev.cairn.spark.model.Kernel;
import dev.cairn.spark.model.Model;
import dev.cairn.spark.model.RowSet;
import dev.cairn.spark.optimizer.Optimizer;
import dev.cairn.spark.optimizer.Optimizers;
import dev.cairn.spark.optimizer.Update;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A pass by one thread that has the model to itself: for each step it reads the values of the
 * batches' rows from one flat array, lets the kernel compute the gradients, adds up those of one
 * row, and lets Adagrad's update change the array. For one thread.
 */
final class PlainPass {
  private final List<PackedPartition> partitions;
  private final Kernel kernel;
  private final Update update;
  private final RowSet wanted;
  private final float[] weights;
  private final float[][] slots;
  private final double[] sums;
  private final boolean[] seen;
  private final int[] touched;
  private float[] values = new float[0];
  private float[] gradients = new float[0];
  private double[] gathered = new double[0];

  private PlainPass(List<PackedPartition> partitions, Model model, double rate) {
    this.partitions = partitions;
    this.kernel = model.kernel();
    Optimizer adagrad = Optimizers.of("adagrad", new TreeMap<>(Map.of("learning_rate", rate)));
    this.update = adagrad.at(0, true);
    this.wanted = new RowSet(model.layout());
    int numbers = model.features() + 1;
    this.weights = new float[numbers];
    this.slots = new float[1][numbers];
    Arrays.fill(slots[0], adagrad.slots().get(0).initial());
    this.sums = new double[numbers];
    this.seen = new boolean[numbers];
    this.touched = new int[numbers];
  }

  /**
   * The time of one pass.
   *
   * @param seconds the seconds of the clock
   * @param cpuSeconds the seconds for which the thread used the processor
   */
  record Took(double seconds, double cpuSeconds) implements Serializable {}

  /** One pass over data of a linear model, in an executor that has just done another. */
  static Took measured(TrainingData data, Model model, double rate) {
    return data.packed()
        .coalesce(1)
        .mapPartitions(packed -> timed(packed, model, rate))
        .collect()
        .get(0);
  }

  private static Iterator<Took> timed(Iterator<PackedPartition> packed, Model model, double rate) {
    List<PackedPartition> partitions = new ArrayList<>();
    packed.forEachRemaining(partitions::add);
    PlainPass pass = new PlainPass(partitions, model, rate);
    pass.run();
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long cpu = threads.getCurrentThreadCpuTime();
    long start = System.nanoTime();
    pass.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    double cpuSeconds = (threads.getCurrentThreadCpuTime() - cpu) / 1e9;
    return Collections.singletonList(new Took(seconds, cpuSeconds)).iterator();
  }

  private void run() {
    double loss = 0;
    int batches = partitions.get(0).batches();
    for (int step = 0; step < batches; step++) {
      int count = 0;
      for (PackedPartition partition : partitions) {
        Batch batch = partition.batch(step);
        loss += gradient(batch);
        count = add(count);
      }
      apply(count);
    }
    if (!Double.isFinite(loss)) {
      throw new IllegalStateException("the plain pass has diverged: " + loss);
    }
  }

  private double gradient(Batch batch) {
    wanted.fill(kernel, batch);
    values = wanted.room(values);
    gradients = wanted.room(gradients);
    int[] rows = wanted.rows();
    int count = wanted.count();
    for (int i = 0; i < count; i++) {
      values[i] = weights[rows[i]];
    }
    return kernel.gradient(batch, wanted, values, gradients);
  }

  private int add(int before) {
    int[] rows = wanted.rows();
    int end = wanted.count();
    int count = before;
    for (int i = 0; i < end; i++) {
      int row = rows[i];
      if (!seen[row]) {
        seen[row] = true;
        touched[count++] = row;
      }
      sums[row] += gradients[i];
    }
    return count;
  }

  private void apply(int count) {
    gathered = gathered.length < count ? new double[2 * count] : gathered;
    for (int i = 0; i < count; i++) {
      gathered[i] = sums[touched[i]];
      sums[touched[i]] = 0;
      seen[touched[i]] = false;
    }
    if (!update.apply(weights, slots, touched, count, gathered)) {
      throw new IllegalStateException("the plain pass has diverged");
    }
  }
}
