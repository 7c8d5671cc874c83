package dev.cairn.spark.coordinator;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.TransportException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the shards of a run back to its last committed step, in a new generation, on the members
 * that are there. There is this one way, for a lost executor as for one that joins or leaves: end
 * the save in flight, deal the blocks out, fill every shard from the checkpoint (what an owner
 * keeps comes from the copy in its memory), begin a new generation. This keeps I5: whatever
 * happened since the committed step is forgotten and done again.
 *
 * <p>One thread calls it.
 */
public final class Recovery {
  private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

  /**
   * The settings of recovery.
   *
   * @param most the most recoveries without a new committed step; one more ends the run
   * @param replacementWait the time to wait for as many executors as there were before the
   *     survivors take over
   * @param membersTimeout the time to wait for one executor when none is left
   * @param keepInMemory whether executors keep a copy of the committed state
   * @param rebalance whether executors that join get shards
   * @param hadoopProperties settings of the executors' file system clients
   */
  public record Settings(
      int most,
      Duration replacementWait,
      Duration membersTimeout,
      boolean keepInMemory,
      boolean rebalance,
      SortedMap<String, String> hadoopProperties) {

    /** Copies the properties. */
    public Settings {
      hadoopProperties = Collections.unmodifiableSortedMap(new TreeMap<>(hadoopProperties));
    }
  }

  /**
   * The state that a run goes back to.
   *
   * @param path a committed checkpoint; empty for the start from nothing
   * @param step the step that the shards are at then
   * @param slots whether the optimizer's state is restored, too; else it begins anew
   * @param grown the variables that have fewer rows there, with the number of these: a row begins
   *     as the one of its number modulo that
   */
  public record Base(String path, long step, boolean slots, SortedMap<String, Long> grown) {
    /** The start: variables as they begin, at step 0. */
    public static final Base NOTHING = new Base("", 0);

    /** Makes a base of a checkpoint with all that it has. */
    public Base(String path, long step) {
      this(path, step, true, Collections.emptySortedMap());
    }

    /** Copies the map. */
    public Base {
      grown = Collections.unmodifiableSortedMap(new TreeMap<>(grown));
    }
  }

  /** Chooses what a run begins from, and {@link #open opens} its shards on some members. */
  public interface Opener {
    /** Opens the shards; when that fails, all that it has opened is closed. */
    Opened open(List<Member> members) throws IOException, InterruptedException;
  }

  /**
   * The beginning of a run.
   *
   * @param group its shards, filled
   * @param base the state that they were filled with
   * @param restored the numbers of bytes that came from memory and from storage
   */
  public record Opened(ShardGroup group, Base base, ShardReply.Restored restored) {}

  private final Coordinator coordinator;
  private final Settings settings;
  private final RecoveryAttempts attempts;

  /** The number of the application's losses that are reported already, or were before this run. */
  private int known;

  /** Makes the recovery of one run. */
  public Recovery(Coordinator coordinator, Settings settings) {
    this.coordinator = coordinator;
    this.settings = settings;
    this.attempts = new RecoveryAttempts(settings.most());
    this.known = coordinator.membership().lossCount();
  }

  /** Takes the new losses, but for members that handed over and ended, as they were told to. */
  private List<Loss> takeLosses(Collection<ShardAddress> owners) {
    List<Loss> taken = new ArrayList<>(coordinator.membership().lossesAfter(known));
    known += taken.size();
    taken.removeIf(loss -> loss.leaving() && !owners.contains(loss.member().address()));
    return taken;
  }

  /**
   * Opens a run's shards, in a new generation, and fills them; closes them if that fails, since
   * some may have values by then.
   */
  public Opened open(ModelSpec spec, List<Member> members, Base base)
      throws IOException, InterruptedException {
    ShardGroup group = coordinator.open(spec, members);
    boolean filled = false;
    try {
      Opened opened = new Opened(group, base, fill(group, base));
      filled = true;
      return opened;
    } finally {
      if (!filled) {
        group.close();
      }
    }
  }

  private ShardReply.Restored fill(ShardGroup group, Base base)
      throws IOException, InterruptedException {
    if (base.path().isEmpty()) {
      group.initialise();
      return new ShardReply.Restored(0, 0);
    }
    return group.restore(base, settings.keepInMemory(), settings.hadoopProperties());
  }

  /**
   * Begins a run: fills its shards for the first time, and tries again, on the members that are
   * there, when executors are lost meanwhile.
   *
   * @param executors the number of executors to wait for before the first try
   * @param onFailure receives the reason why a try has failed, if another one follows
   * @return the recovery that was needed; empty when the first try went well
   * @throws RecoveryFailedException after too many tries, or when there is no executor left and
   *     none comes
   */
  public Optional<Recovered> begin(
      ModelSpec spec, int executors, Opener opener, Consumer<Throwable> onFailure)
      throws IOException, InterruptedException {
    Clock clock = coordinator.clock();
    List<Member> members = coordinator.membership().await(executors, settings.membersTimeout());
    List<Loss> lost = new ArrayList<>();
    @Nullable Throwable cause = null;
    long start = 0;
    while (true) {
      try {
        Opened opened = opener.open(members);
        return cause == null
            ? Optional.empty()
            : Optional.of(
                recovered(
                    opened.group(),
                    opened.base(),
                    opened.restored(),
                    lost,
                    CoordinationException.text(cause),
                    0,
                    start));
      } catch (CoordinationException | TransportException | CheckpointException.Failed e) {
        start = cause == null ? clock.nanoTime() : start;
        cause = e;
        clock.await(coordinator.checkAll(), settings.membersTimeout());
        List<Loss> news = takeLosses(members.stream().map(Member::address).toList());
        if (news.isEmpty() && !CoordinationException.executorGone(e)) {
          throw e; // nothing that another try would mend
        }
        lost.addAll(news);
        attempts.beforeFirstStep(news, e);
        onFailure.accept(e);
        members = members(spec, members.size(), e);
      }
    }
  }

  /**
   * Recovers, trying again when executors are lost on the way.
   *
   * @param saves the saves, which are ended before shards change hands, and save the new generation
   *     afterwards
   * @param base supplies the last committed step, once the save in flight has ended
   * @param reachedStep the step that the run had reached
   * @throws RecoveryFailedException after too many recoveries without a new committed step, when
   *     there is no executor left and none comes, or when the checkpoint is damaged or gone
   * @throws CheckpointException when the checkpoint cannot be read for another reason
   */
  public Recovered recover(
      ShardGroup before,
      CheckpointCoordinator saves,
      Supplier<Base> base,
      long reachedStep,
      Throwable why)
      throws IOException, InterruptedException {
    Clock clock = coordinator.clock();
    long start = clock.nanoTime();
    Throwable cause = why;
    List<Loss> lost = new ArrayList<>();
    while (true) {
      clock.await(coordinator.checkAll(), settings.membersTimeout());
      saves.settle();
      Base back = base.get();
      List<Loss> news = takeLosses(before.hosts());
      lost.addAll(news);
      attempts.from(back, news, cause);
      try {
        List<Member> members = members(before.spec(), before.hosts().size(), cause);
        Recovered done =
            reform(
                before,
                members,
                false,
                back,
                lost,
                CoordinationException.text(cause),
                reachedStep,
                start);
        saves.use(done.group());
        return done;
      } catch (CoordinationException | TransportException | CheckpointException.Failed e) {
        cause = e; // a storage error of one executor is no reason to end the run
      } catch (CheckpointException.NotFound | CheckpointException.Corrupt e) {
        throw attempts.unreadable(back, e);
      }
    }
  }

  /** The members to come: survivors, and their replacements if these are to be waited for. */
  private List<Member> members(ModelSpec spec, int wanted, Throwable cause)
      throws IOException, InterruptedException {
    Membership membership = coordinator.membership();
    if (!settings.replacementWait().isZero() && membership.staying().size() < wanted) {
      try {
        var unused = membership.await(wanted, settings.replacementWait());
      } catch (CoordinationException late) {
        LOG.info("No replacement has come in time: the survivors take over");
      }
    }
    if (membership.members().isEmpty()) {
      try {
        var unused = membership.await(1, settings.membersTimeout());
      } catch (CoordinationException nobody) {
        nobody.addSuppressed(cause);
        throw attempts.nobodyCame("every executor is lost", settings.membersTimeout(), nobody);
      }
    }
    return withMemory(spec, cause);
  }

  /**
   * The members that stay, with others that are waited for as long as the model is too large for
   * them.
   */
  private List<Member> withMemory(ModelSpec spec, Throwable cause)
      throws IOException, InterruptedException {
    Membership membership = coordinator.membership();
    if (Coordinator.lackOfMemory(spec, membership.staying()).isPresent()) {
      LOG.info("Those who are left have no memory for all of the model: waiting for others");
    }
    return membership
        .await(
            settings.membersTimeout(),
            membership::staying,
            staying -> Coordinator.lackOfMemory(spec, staying).isEmpty())
        .orElseThrow(
            () ->
                attempts.nobodyCame(
                    Coordinator.lackOfMemory(spec, membership.staying())
                        .orElse("there was no memory for the model"),
                    settings.membersTimeout(),
                    cause));
  }

  /**
   * Whether executors have joined or are going to end, so that shards should change hands, and
   * those that stay can hold them.
   */
  public boolean wantsRebalancing(ShardGroup group) {
    List<Member> staying = coordinator.membership().staying();
    if (staying.isEmpty() || Coordinator.lackOfMemory(group.spec(), staying).isPresent()) {
      return false; // recovery waits for others when those that end are gone
    }
    if (!group.hosts().stream().allMatch(coordinator.membership()::has)) {
      return false; // nor is a lost owner for rebalancing: the next segment finds it out, too
    }
    boolean leaving =
        group.hosts().stream()
            .anyMatch(host -> staying.stream().noneMatch(m -> m.address().equals(host)));
    boolean joined =
        settings.rebalance()
            && staying.stream().anyMatch(member -> !group.hosts().contains(member.address()))
            && Coordinator.uneven(group, staying);
    return leaving || joined;
  }

  /** The owners that are going to end. */
  public Set<ShardAddress> leaving(ShardGroup group) {
    Set<ShardAddress> leaving = new HashSet<>(group.hosts());
    leaving.retainAll(coordinator.membership().leaving());
    return leaving;
  }

  /**
   * Deals the blocks out evenly among all members that stay, at a cut whose step is committed.
   *
   * @param base the checkpoint of the step that all shards are at
   * @throws CoordinationException when that fails, for whatever reason: recover
   */
  public Recovered rebalance(ShardGroup before, CheckpointCoordinator saves, Base base)
      throws IOException, InterruptedException {
    long start = coordinator.clock().nanoTime();
    try {
      Recovered done =
          reform(
              before,
              coordinator.membership().staying(),
              true,
              base,
              List.of(),
              "executors have joined or are going to end",
              base.step(),
              start);
      saves.use(done.group());
      return done;
    } catch (CheckpointException e) {
      throw new CoordinationException(
          "Cannot deal the shards out anew: " + e.getMessage(), List.of(e));
    }
  }

  private Recovered reform(
      ShardGroup before,
      List<Member> members,
      boolean even,
      Base base,
      List<Loss> lost,
      String cause,
      long reachedStep,
      long start)
      throws IOException, InterruptedException {
    ShardGroup group = coordinator.reopen(before, members, even);
    boolean filled = false;
    try {
      ShardReply.Restored restored = fill(group, base);
      filled = true;
      before.releaseAllBut(group.hosts());
      return recovered(group, base, restored, lost, cause, reachedStep, start);
    } finally {
      if (!filled) {
        group.forget();
      }
    }
  }

  private Recovered recovered(
      ShardGroup group,
      Base base,
      ShardReply.Restored restored,
      List<Loss> lost,
      String cause,
      long reachedStep,
      long start) {
    Recovered done =
        new Recovered(
            group,
            lost,
            cause,
            base.step(),
            Math.max(base.step(), reachedStep),
            restored.memoryBytes(),
            restored.storageBytes(),
            Duration.ofNanos(coordinator.clock().nanoTime() - start));
    LOG.info(
        "Generation {} goes on from step {} on {} executors: {} bytes from memory, {} from"
            + " storage, {} ms",
        group.generation(),
        base.step(),
        group.hosts().size(),
        done.memoryBytes(),
        done.storageBytes(),
        done.took().toMillis());
    return done;
  }
}
