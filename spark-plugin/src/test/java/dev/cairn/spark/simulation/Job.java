package dev.cairn.spark.simulation;

import dev.cairn.spark.coordinator.Clock;
import dev.cairn.spark.coordinator.Member;
import dev.cairn.spark.coordinator.ShardGroup;
import dev.cairn.spark.model.RowSet;
import dev.cairn.spark.shard.ParameterLayout;
import dev.cairn.spark.trainer.DivergedException;
import dev.cairn.spark.trainer.PartitionWork;
import dev.cairn.spark.trainer.SimulatedTraining;
import dev.cairn.spark.trainer.TaskSteps;
import dev.cairn.spark.transport.Refusal;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardDirectory;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.TransportException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A segment's Spark job, as {@code SegmentRunner} runs it, and its tasks, whose steps are {@link
 * TaskSteps}, those that ship. Spark starts tasks anew that were lost with an executor or have
 * crashed, runs some twice, and does not always manage to stop one that nobody wants any more.
 */
final class Job {
  private static final int MOST_ATTEMPTS = 4;
  private static final Duration POLL = Duration.ofMillis(250);
  private static final long STALL = 40 * World.SECOND;

  private enum Outcome {
    DONE,
    ABANDONED,
    FAILED
  }

  private final Simulation sim;
  private final World world;
  private final Driver driver;
  private final ShardDirectory directory;
  private final long from;
  private final long to;
  private final CompletableFuture<List<Outcome>> result = new CompletableFuture<>();
  private final List<Task> tasks = new ArrayList<>();
  private long segment;
  private boolean cancelled;

  Job(Simulation sim, Driver driver, ShardGroup group, long from, long to) {
    this.sim = sim;
    this.world = sim.world;
    this.driver = driver;
    this.directory = group.directory();
    this.from = from;
    this.to = to;
  }

  /** Runs it, or throws what the segment failed with. */
  long run(ShardGroup group, SimulatedTraining.Meter meter)
      throws IOException, InterruptedException {
    Clock clock = driver.coordinator.clock();
    long start = clock.nanoTime();
    List<Member> members = driver.coordinator.membership().staying();
    Set<ShardAddress> taking = new HashSet<>(group.hosts());
    members.forEach(member -> taking.add(member.address()));
    Runnable stopListening =
        driver.coordinator.onLoss(
            loss -> {
              if (taking.contains(loss.member().address())) {
                result.completeExceptionally(
                    SimulatedTraining.failed(
                        "Cannot go on with steps "
                            + from
                            + " to "
                            + to
                            + ": lost "
                            + loss.describe()));
              }
            });
    try {
      segment = group.openSegment(from);
      submit(members);
      driver.job = this;
      boolean finished = false;
      try {
        check(await(clock, group, meter));
        finished = true;
      } finally {
        if (!finished) {
          cancel();
          var unused =
              group.abandonSegment(segment, "the driver gives steps " + from + " to " + to + " up");
        }
      }
    } finally {
      driver.job = null;
      stopListening.run();
    }
    return clock.nanoTime() - start;
  }

  private List<Outcome> await(Clock clock, ShardGroup group, SimulatedTraining.Meter meter)
      throws IOException, InterruptedException {
    long lastStep = from;
    long lastMove = clock.nanoTime();
    while (true) {
      clock.await(result, meter.eager() ? Duration.ofMillis(5) : POLL);
      if (result.isDone()) {
        return outcomes();
      }
      long step = meter.sample(group);
      if (step != lastStep) {
        lastStep = step;
        lastMove = clock.nanoTime();
      } else if (clock.nanoTime() - lastMove > STALL) {
        throw SimulatedTraining.failed("no step was taken after step " + step);
      }
    }
  }

  private List<Outcome> outcomes() throws IOException {
    try {
      return result.join();
    } catch (CompletionException e) {
      throw (IOException) e.getCause();
    }
  }

  private void check(List<Outcome> outcomes) throws IOException {
    for (Outcome outcome : outcomes) {
      if (outcome != Outcome.DONE) {
        throw SimulatedTraining.failed(
            "Cannot go on with steps " + from + " to " + to + ": " + outcome);
      }
    }
  }

  private void submit(List<Member> members) throws IOException {
    int slots = members.stream().mapToInt(Member::cores).sum();
    int count = Math.min(slots, sim.workload.partitions());
    List<Executor> seats = new ArrayList<>();
    for (int round = 0; seats.size() < count; round++) {
      for (Member member : members) {
        if (round < member.cores() && seats.size() < count) {
          seats.add(driver.executor(member.executorId()));
        }
      }
    }
    for (int t = 0; t < count; t++) {
      List<Integer> partitions = new ArrayList<>();
      for (int p = t; p < sim.workload.partitions(); p += count) {
        partitions.add(p);
      }
      Task task = new Task(partitions);
      tasks.add(task);
      task.start(seats.get(t));
    }
  }

  /** Spark knows that an executor is gone: its tasks run elsewhere. */
  void lost(Executor executor) {
    for (Task task : tasks) {
      for (Attempt attempt : List.copyOf(task.attempts)) {
        if (attempt.executor == executor) {
          task.attempts.remove(attempt);
          attempt.over = true;
          task.retry();
        }
      }
    }
  }

  /** A task crashes, as far as its executor is concerned for no reason; Spark starts it anew. */
  void crash() {
    for (Task task : tasks) {
      for (Attempt attempt : List.copyOf(task.attempts)) {
        attempt.over = true;
        task.attempts.remove(attempt);
        task.retry();
        return;
      }
    }
  }

  /** A task is run a second time beside the first. */
  void speculate() {
    if (tasks.isEmpty()) {
      return; // every executor is gone
    }
    Task task = tasks.get(world.random.nextInt(tasks.size()));
    if (!task.finished && !cancelled) {
      driver.anyone().ifPresent(task::start);
    }
  }

  private void cancel() {
    cancelled = true;
    tasks.forEach(Task::interrupt);
  }

  private final class Task {
    final List<Integer> partitions;
    final List<Attempt> attempts = new ArrayList<>();
    boolean finished;
    Outcome outcome = Outcome.DONE;
    int started;

    Task(List<Integer> partitions) {
      this.partitions = partitions;
    }

    void start(Executor executor) {
      started++;
      Attempt attempt = new Attempt(this, executor);
      attempts.add(attempt);
      long launch =
          World.MILLI + world.between(0, world.chance(0.05) ? World.SECOND : 10 * World.MILLI);
      var unused = world.at(launch, executor, attempt::begin);
    }

    void retry() {
      if (finished || cancelled || !attempts.isEmpty()) {
        return;
      }
      if (started >= MOST_ATTEMPTS) {
        result.completeExceptionally(SimulatedTraining.failed("a task failed 4 times"));
        return;
      }
      var unused =
          world.at(
              world.between(World.MILLI, 100 * World.MILLI),
              driver,
              () -> driver.anyone().ifPresent(this::start));
    }

    /** Asks all attempts to end; some do not hear of it, or late. */
    void interrupt() {
      for (Attempt attempt : attempts) {
        if (!world.chance(sim.zombies)) {
          long late = world.between(0, world.chance(0.2) ? World.SECOND : 5 * World.MILLI);
          var unused = world.at(late, attempt.executor, () -> attempt.over = true);
        }
      }
    }

    void ended(Attempt attempt, Outcome how) {
      if (!attempts.remove(attempt) || finished) {
        return;
      }
      finished = true;
      outcome = how;
      interrupt();
      if (tasks.stream().allMatch(task -> task.finished)) {
        result.complete(tasks.stream().map(task -> task.outcome).toList());
      }
    }
  }

  private final class Attempt {
    final Task task;
    final Executor executor;
    boolean over;

    private final TaskSteps steps;

    Attempt(Task task, Executor executor) {
      this.task = task;
      this.executor = executor;
      List<PartitionWork> works = new ArrayList<>();
      task.partitions.forEach(partition -> works.add(new Work(partition)));
      this.steps = new TaskSteps(directory, sim.workload.layout(), segment, works, from, to);
    }

    void begin() {
      if (!over) {
        send(steps.begin());
      }
    }

    private void send(List<? extends ShardMessage.OfStep> messages) {
      List<CompletableFuture<ShardReply>> replies = new ArrayList<>();
      for (ShardMessage.OfStep message : messages) {
        replies.add(executor.access.exchange(directory, message));
      }
      take(replies, 0);
    }

    /** Waits for one reply after the other, as a thread would. */
    private void take(List<CompletableFuture<ShardReply>> replies, int next) {
      if (next == replies.size()) {
        List<ShardMessage.Norms> norms = norms();
        if (norms.isEmpty()) {
          received();
        } else {
          send(norms);
        }
        return;
      }
      var unused =
          replies
              .get(next)
              .whenComplete(
                  (reply, failure) -> {
                    var later =
                        world.at(
                            0,
                            executor,
                            () -> {
                              if (over) {
                                return;
                              }
                              if (failure == null) {
                                took(next, reply);
                                take(replies, next + 1);
                              } else {
                                failed(failure);
                              }
                            });
                  });
    }

    private void failed(Throwable failure) {
      Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
      boolean abandoned =
          cause instanceof TransportException.Refused refused
              && refused.reason() == Refusal.ABANDONED;
      end(abandoned ? Outcome.ABANDONED : Outcome.FAILED, String.valueOf(cause.getMessage()));
    }

    private void end(Outcome outcome, String why) {
      over = true;
      if (world.tracing()) {
        world.log(
            "      task "
                + task.partitions
                + " on "
                + executor.name
                + " of segment "
                + segment
                + " of generation "
                + directory.generation()
                + ": "
                + outcome
                + " "
                + why);
      }
      if (outcome == Outcome.FAILED) {
        executor.access.abandonSegment(directory, segment, why);
      }
      tell(outcome);
    }

    /** Spark's own connection has the outcome for the driver, when it gets through. */
    private void tell(Outcome outcome) {
      long cut = sim.network.cut(driver, executor);
      var unused =
          world.at(
              cut + world.between(50 * World.MICRO, 2 * World.MILLI),
              driver,
              () -> {
                if (sim.network.cut(driver, executor) > 0) {
                  tell(outcome);
                } else {
                  task.ended(this, outcome);
                }
              });
    }

    private void took(int shard, ShardReply reply) {
      try {
        steps.received(shard, reply);
      } catch (IOException e) {
        throw new World.Failed(String.valueOf(e.getMessage()), e);
      }
    }

    private List<ShardMessage.Norms> norms() {
      try {
        return steps.norms();
      } catch (IOException e) {
        throw new World.Failed(String.valueOf(e.getMessage()), e);
      }
    }

    private void received() {
      if (steps.step() == to) {
        end(Outcome.DONE, "");
        return;
      }
      var unused = world.at(world.between(0, 2 * World.MILLI), executor, this::go);
    }

    private void go() {
      if (!over) {
        try {
          send(steps.next());
        } catch (DivergedException e) {
          throw new World.Failed(String.valueOf(e.getMessage()), e);
        }
      }
    }
  }

  /** The work of a partition of the workload. */
  private final class Work implements PartitionWork {
    private final int partition;

    Work(int partition) {
      this.partition = partition;
    }

    private int batch(long step) {
      return Math.min((int) (step - driver.epochStart), Workload.STEPS);
    }

    private int[] rows(long step) {
      return sim.workload.batches()[partition][batch(step)];
    }

    @Override
    public int partition() {
      return partition;
    }

    @Override
    public void rows(long step, RowSet wanted) {
      int[] rows = rows(step);
      ParameterLayout layout = sim.workload.layout();
      for (int v = 0; v < layout.variables().size(); v++) {
        int first = layout.firstRow(v);
        int end = layout.firstRow(v + 1);
        int[] ids =
            Arrays.stream(rows).filter(r -> r >= first && r < end).map(r -> r - first).toArray();
        if (ids.length == end - first) {
          wanted.whole(); // tasks that share a variable, and such that do not
        } else {
          wanted.some(ids, 0, ids.length);
        }
      }
    }

    @Override
    public double gradient(long step, RowSet at, float[] values, float[] gradients) {
      float[] computed =
          sim.workload.gradients(partition, batch(step), Arrays.copyOf(values, at.elements()));
      System.arraycopy(computed, 0, gradients, 0, computed.length);
      return 1.0;
    }

    @Override
    public int samples(long step) {
      return rows(step).length;
    }
  }
}
