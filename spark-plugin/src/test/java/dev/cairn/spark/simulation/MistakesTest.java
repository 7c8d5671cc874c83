package dev.cairn.spark.simulation;

import static org.junit.jupiter.api.Assertions.fail;

import dev.cairn.checkpoint.store.CheckpointFileNames;
import dev.cairn.spark.transport.Contribution;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulation bites: each of these mistakes is caught by one of the first schedules. */
@Tag("long")
class MistakesTest {
  private static final long MOST = 3_000;

  @BeforeAll
  static void quiet() {
    SimulationTest.quiet();
    Configurator.setLevel("dev.cairn", Level.OFF);
  }

  /** A mistake by name; a fresh one for each schedule. */
  record Case(String name, Supplier<Mistake> mistake) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Case> mistakes() {
    return Stream.of(
        new Case("a push of an older generation is taken", NoFenceOnPush::new),
        new Case("the generation is not raised", GenerationNotRaised::new),
        new Case("a late push is counted again", CountedTwice::new),
        new Case("a partition that is missing counts as nothing", MissingPartition::new),
        new Case("a norm is that of a part of the gradients", PartOfTheNorm::new),
        new Case("a shard is frozen a step late", FrozenLate::new),
        new Case("written is said before the bytes are there", WrittenTooEarly::new),
        new Case("a survivor goes back to a copy that is not committed", UncommittedCopy::new),
        new Case("a survivor goes on from where it is", LiveShard::new),
        new Case("a survivor goes back to any copy that it has", StaleCopy::new),
        new Case("a lost shard is read from an older checkpoint", OlderCheckpoint::new),
        new Case("the data position is one batch off on resume", ResumedOffByOne::new),
        new Case("the data position saved is that of the next step", SavedOffByOne::new),
        new Case("a late writer writes into what is committed", LateFile::new),
        new Case("what expires is the newest checkpoint", NewestExpires::new));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void isCaught(Case mistake) {
    for (long seed = 1; seed <= MOST; seed++) {
      try {
        new Simulation(seed, false, mistake.mistake().get()).run();
      } catch (World.Failed caught) {
        // Not by a schedule that fails without the mistake: this throws then.
        new Simulation(seed, false, new Mistake()).run();
        System.out.println(mistake + ": caught by schedule " + seed + ": " + caught.getMessage());
        return;
      }
    }
    fail("Not caught by " + MOST + " schedules: " + mistake);
  }

  /** The newest checkpoint that is committed. */
  private static Optional<String> newest(Simulation sim) {
    return sim.store.names(Simulation.FOLDER).stream()
        .filter(name -> name.startsWith("ckpt-"))
        .reduce((older, newer) -> newer)
        .map(name -> CheckpointFileNames.child(Simulation.FOLDER, name));
  }

  private static ShardMessage.Exchange with(
      ShardMessage.Exchange m, long generation, long segment, long step) {
    return new ShardMessage.Exchange(
        m.model(),
        generation,
        m.shard(),
        segment,
        step,
        m.opening(),
        m.contributions(),
        m.shared());
  }

  private static ShardReply.Status status(Executor host, ShardMessage.AssignShard m) {
    return host.ask(new ShardMessage.AskStatus(m.model(), m.generation(), m.shard(), 0))
            instanceof ShardReply.Status status
        ? status
        : null;
  }

  private static ShardMessage.AssignShard shard(Executor host, int shard) {
    return host.shards().stream().filter(m -> m.shard() == shard).findFirst().orElse(null);
  }

  private static final class NoFenceOnPush extends Mistake {
    @Override
    List<ShardMessage> handled(Executor host, ShardMessage message) {
      if (message instanceof ShardMessage.Exchange m) {
        ShardMessage.AssignShard mine = shard(host, m.shard());
        ShardReply.Status status = mine == null ? null : status(host, mine);
        if (status != null && m.generation() < mine.generation()) {
          return List.of(with(m, mine.generation(), status.segment(), m.step()));
        }
      }
      return List.of(message);
    }
  }

  /** Every generation is the first one: an assignment takes the place of what is there. */
  private static final class GenerationNotRaised extends Mistake {
    private final Map<Executor, Long> newest = new HashMap<>();

    @Override
    List<ShardMessage> handled(Executor host, ShardMessage message) {
      if (message instanceof ShardMessage.AssignShard m) {
        List<ShardMessage> instead = new ArrayList<>();
        if (m.generation() > newest.getOrDefault(host, 0L)) {
          newest.put(host, m.generation());
          instead.add(new ShardMessage.ReleaseShard(m.model(), 1));
        }
        instead.add(
            new ShardMessage.AssignShard(
                m.model(),
                1,
                m.shard(),
                m.firstBlock(),
                m.endBlock(),
                m.layout(),
                m.optimizer(),
                m.partitions()));
        return instead;
      } else if (message instanceof ShardMessage.Exchange m) {
        return List.of(with(m, 1, m.segment(), m.step()));
      } else if (message instanceof ShardMessage.Norms m) {
        return List.of(
            new ShardMessage.Norms(
                m.model(),
                1,
                m.shard(),
                m.segment(),
                m.step(),
                m.partitions(),
                m.squares(),
                m.shared()));
      } else if (message instanceof ShardMessage.Initialise m) {
        return List.of(new ShardMessage.Initialise(m.model(), 1));
      } else if (message instanceof ShardMessage.RestoreShard m) {
        return List.of(
            new ShardMessage.RestoreShard(
                m.model(), 1, m.step(), m.path(), m.slots(), m.keep(), m.hadoopProperties()));
      } else if (message instanceof ShardMessage.OpenSegment m) {
        return List.of(new ShardMessage.OpenSegment(m.model(), 1, m.segment(), m.step()));
      } else if (message instanceof ShardMessage.Freeze m) {
        return List.of(new ShardMessage.Freeze(m.model(), 1, m.step(), m.saveId(), m.keep()));
      } else if (message instanceof ShardMessage.WriteShard m) {
        return List.of(
            new ShardMessage.WriteShard(
                m.model(), 1, m.saveId(), m.target(), m.hadoopProperties()));
      } else if (message instanceof ShardMessage.AbandonSegment m) {
        return List.of(new ShardMessage.AbandonSegment(m.model(), 1, m.segment(), m.why()));
      } else if (message instanceof ShardMessage.AskStatus m) {
        return List.of(new ShardMessage.AskStatus(m.model(), 1, m.shard(), m.sinceStep()));
      }
      return List.of(message);
    }
  }

  /** A push that comes again when its step is over counts for the step that is open then. */
  private static final class CountedTwice extends Mistake {
    private final Set<String> seen = new HashSet<>();

    @Override
    List<ShardMessage> handled(Executor host, ShardMessage message) {
      if (message instanceof ShardMessage.Exchange m && !m.opening()) {
        ShardMessage.AssignShard mine = shard(host, m.shard());
        ShardReply.Status status = mine == null ? null : status(host, mine);
        boolean again = !seen.add(host.name + Simulation.text(m));
        if (again && status != null && status.step() >= m.step()) {
          return List.of(with(m, m.generation(), m.segment(), status.step() + 1), message);
        }
      }
      return List.of(message);
    }
  }

  /** Once in a while the last partition is not waited for. */
  private static final class MissingPartition extends Mistake {
    private int pushes;

    @Override
    List<ShardMessage> handled(Executor host, ShardMessage message) {
      if (message instanceof ShardMessage.Exchange m && !m.opening() && ++pushes % 50 == 0) {
        List<Contribution> nothing = new ArrayList<>();
        for (Contribution c : m.contributions()) {
          nothing.add(
              new Contribution(
                  c.partition(),
                  new float[c.gradientCount()],
                  0,
                  c.gradientCount(),
                  c.wanted(),
                  c.wantedFrom(),
                  c.wantedTo(),
                  0,
                  0));
        }
        return List.of(
            new ShardMessage.Exchange(
                m.model(),
                m.generation(),
                m.shard(),
                m.segment(),
                m.step(),
                false,
                nothing,
                m.shared()));
      }
      return List.of(message);
    }
  }

  /** All senders agree on a norm that is too small. */
  private static final class PartOfTheNorm extends Mistake {
    @Override
    List<ShardMessage> handled(Executor host, ShardMessage message) {
      if (message instanceof ShardMessage.Norms m) {
        double[] part = Arrays.stream(m.squares()).map(square -> square / 4).toArray();
        return List.of(
            new ShardMessage.Norms(
                m.model(),
                m.generation(),
                m.shard(),
                m.segment(),
                m.step(),
                m.partitions(),
                part,
                m.shared()));
      }
      return List.of(message);
    }
  }

  /** The mistake of writing the shard as it is at the write, not as it was at the cut. */
  private static final class FrozenLate extends Mistake {
    private final Map<Long, ShardMessage.Freeze> freezes = new HashMap<>();

    @Override
    List<ShardMessage> handled(Executor host, ShardMessage message) {
      if (message instanceof ShardMessage.Freeze m) {
        freezes.put(m.saveId(), m);
      } else if (message instanceof ShardMessage.WriteShard m && !host.shards().isEmpty()) {
        ShardReply.Status now = status(host, host.shards().get(0));
        ShardMessage.Freeze then = freezes.get(m.saveId());
        if (now != null && then != null && now.step() > then.step() && now.waiting() == 0) {
          return List.of(
              new ShardMessage.DropFrozen(m.model(), m.generation(), m.saveId()),
              new ShardMessage.Freeze(
                  m.model(), m.generation(), now.step(), m.saveId(), then.keep()),
              message);
        }
      }
      return List.of(message);
    }
  }

  private static final class WrittenTooEarly extends Mistake {
    @Override
    void written(World.Process writer, World world, Runnable arrival) {
      if (writer instanceof Executor) {
        var unused = world.at(world.between(0, 30 * World.MILLI), writer, arrival);
      } else {
        arrival.run();
      }
    }
  }

  /** Restores from a copy under a name of its own, if it has one; what that lacks is read. */
  private abstract static class OwnCopy extends Mistake {
    static final String COPY = "copy";
    final Set<Executor> copied = new HashSet<>();
    private final Map<Executor, String> real = new HashMap<>();

    ShardMessage restore(Executor host, ShardMessage.RestoreShard m) {
      real.put(host, m.path());
      return copied.remove(host)
          ? new ShardMessage.RestoreShard(
              m.model(), m.generation(), m.step(), COPY, m.slots(), m.keep(), m.hadoopProperties())
          : m;
    }

    @Override
    String read(Executor host, String path) {
      return path.equals(COPY) ? real.getOrDefault(host, path) : path;
    }
  }

  /** The mistake that a recovery takes frozen shards for committed ones. */
  private static final class UncommittedCopy extends OwnCopy {
    private final Map<Executor, ShardMessage.Freeze> pending = new HashMap<>();

    @Override
    List<ShardMessage> handled(Executor host, ShardMessage message) {
      if (message instanceof ShardMessage.Freeze m && m.keep()) {
        pending.put(host, m);
      } else if (message instanceof ShardMessage.Committed) {
        pending.remove(host);
      } else if (message instanceof ShardMessage.DropFrozen && pending.containsKey(host)) {
        return List.of(new ShardMessage.Ping());
      } else if (message instanceof ShardMessage.AssignShard m) {
        ShardMessage.Freeze frozen = pending.remove(host);
        if (frozen != null && frozen.generation() < m.generation()) {
          copied.add(host);
          return List.of(
              new ShardMessage.Committed(
                  frozen.model(), frozen.generation(), frozen.saveId(), COPY),
              m);
        }
      } else if (message instanceof ShardMessage.RestoreShard m) {
        return List.of(restore(host, m));
      }
      return List.of(message);
    }
  }

  /** A survivor keeps what it has when a new generation begins. */
  private static final class LiveShard extends OwnCopy {
    @Override
    List<ShardMessage> handled(Executor host, ShardMessage message) {
      if (message instanceof ShardMessage.AssignShard m && !host.shards().isEmpty()) {
        ShardMessage.AssignShard old = host.shards().get(0);
        ShardReply.Status now = status(host, old);
        if (now != null && old.generation() < m.generation()) {
          copied.add(host);
          return List.of(
              new ShardMessage.AbandonSegment(
                  m.model(), old.generation(), now.segment(), "mistake"),
              new ShardMessage.Freeze(m.model(), old.generation(), now.step(), -1, true),
              new ShardMessage.Committed(m.model(), old.generation(), -1, COPY),
              m);
        }
      } else if (message instanceof ShardMessage.RestoreShard m) {
        return List.of(restore(host, m));
      }
      return List.of(message);
    }
  }

  /** The mistake of taking a copy without a look at its checkpoint. */
  private static final class StaleCopy extends OwnCopy {
    @Override
    List<ShardMessage> handled(Executor host, ShardMessage message) {
      if (message instanceof ShardMessage.Committed m) {
        copied.add(host);
        return List.of(new ShardMessage.Committed(m.model(), m.generation(), m.saveId(), COPY));
      } else if (message instanceof ShardMessage.RestoreShard m) {
        return List.of(restore(host, m));
      }
      return List.of(message);
    }
  }

  private static final class OlderCheckpoint extends Mistake {
    @Override
    String read(Executor host, String path) {
      String name = CheckpointFileNames.lastPart(path);
      return host.folder().stream()
          .filter(other -> other.startsWith("ckpt-") && !other.equals(name))
          .findFirst()
          .map(other -> CheckpointFileNames.child(CheckpointFileNames.parent(path), other))
          .orElse(path);
    }
  }

  private static final class ResumedOffByOne extends Mistake {
    @Override
    long resumed(long epochStart) {
      return epochStart - 1;
    }
  }

  private static final class SavedOffByOne extends Mistake {
    @Override
    long position(long step) {
      return step + 1;
    }
  }

  private static final class LateFile extends Mistake {
    @Override
    String created(World.Process writer, Simulation sim, String path) {
      String staging = CheckpointFileNames.lastPart(CheckpointFileNames.parent(path));
      if (staging.startsWith(".staging-")
          && !sim.store.names(Simulation.FOLDER).contains(staging)) {
        return newest(sim).map(folder -> CheckpointFileNames.child(folder, "late")).orElse(path);
      }
      return path;
    }
  }

  private static final class NewestExpires extends Mistake {
    @Override
    String renamed(Simulation sim, String from, String to) {
      if (!CheckpointFileNames.lastPart(to).startsWith(".expired-ckpt-")) {
        return from;
      }
      return newest(sim).orElse(from);
    }
  }
}
