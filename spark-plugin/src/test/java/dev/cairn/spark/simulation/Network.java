package dev.cairn.spark.simulation;

import dev.cairn.spark.simulation.World.Process;
import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardCalls;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import dev.cairn.spark.transport.SimulatedWire;
import dev.cairn.spark.transport.TransportException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Messages between processes: each takes its own time, so they overtake one another; some come late
 * or twice; some are lost, and then the connection breaks, which its other calls feel as well.
 * Links can be cut for a while. A process that is gone refuses, or says nothing at all.
 */
final class Network {
  static final long PEER_TIMEOUT = 10 * World.SECOND;

  private final Simulation sim;
  private final World world;
  private final Map<ShardAddress, Executor> executors = new HashMap<>();
  private final List<Port> ports = new ArrayList<>();
  private final Map<String, Long> cuts = new HashMap<>();

  /** The shares of messages that are lost, doubled, late. */
  double lost;

  double doubled;
  double late;

  /** Whether messages are encoded and decoded on their way. */
  boolean wired;

  Network(Simulation sim) {
    this.sim = sim;
    this.world = sim.world;
  }

  void add(Executor executor) {
    executors.put(executor.address, executor);
  }

  /** A process's way to call hosts; told when a connection breaks. */
  Port port(Process from, Consumer<ShardAddress> broken) {
    Port port = new Port(from, broken);
    ports.add(port);
    return port;
  }

  private static String pair(Process a, Process b) {
    return a.name.compareTo(b.name) < 0 ? a.name + "|" + b.name : b.name + "|" + a.name;
  }

  /** The time for which nothing will pass between two. */
  long cut(Process a, Process b) {
    if (cuts.isEmpty()) {
      return 0;
    }
    return Math.max(0, cuts.getOrDefault(pair(a, b), 0L) - world.now());
  }

  /** Cuts the link of two processes for a while. */
  void cut(Process a, Process b, long time) {
    cuts.merge(pair(a, b), world.now() + time, Math::max);
    ports.forEach(port -> port.watch(a, b));
  }

  /** A process was stopped: who waits for it notices in the end. */
  void stopped(Process process) {
    ports.forEach(port -> port.watch(process, null));
  }

  /** A process is gone: its connections break, at once or when somebody has waited long enough. */
  void gone(Executor executor) {
    for (Port port : ports) {
      Link link = port.links.get(executor.address);
      if (link != null) {
        if (executor.silent) {
          port.watch(executor, null);
        } else {
          var unused =
              world.at(latency(), port.from, () -> port.breakOff(link, "the connection broke"));
        }
      }
    }
  }

  /** Breaks the connection from one process to another, without loss of either. */
  void breakConnection(Process from, Executor to) {
    for (Port port : ports) {
      Link link = port.links.get(to.address);
      if (port.from == from && link != null) {
        var unused = world.at(0, from, () -> port.breakOff(link, "the connection broke"));
      }
    }
  }

  /** Calls of living processes that nobody has answered or failed. */
  List<String> hanging() {
    List<String> hanging = new ArrayList<>();
    for (Port port : ports) {
      if (!port.from.dead) {
        port.links
            .values()
            .forEach(link -> link.calls.keySet().forEach(call -> hanging.add(call.toString())));
      }
    }
    return hanging;
  }

  private long latency() {
    return 20 * World.MICRO + world.between(0, World.MILLI);
  }

  /** The connection of a port to one host. */
  private static final class Link {
    final Executor to;
    final Map<Call, Boolean> calls = new LinkedHashMap<>();
    int epoch;

    Link(Executor to) {
      this.to = to;
    }
  }

  private final class Call {
    final Port port;
    final Link link;
    final int epoch;
    final ShardMessage message;
    final CompletableFuture<ShardReply> answer = new CompletableFuture<>();

    Call(Port port, Link link, ShardMessage message) {
      this.port = port;
      this.link = link;
      this.epoch = link.epoch;
      this.message = message;
    }

    @Override
    public String toString() {
      return port.from.name + " -> " + link.to.name + " " + Simulation.text(message);
    }

    void arrive(boolean again) {
      long cut = cut(port.from, link.to);
      if (cut > 0) {
        boolean lostWithIt = epoch != link.epoch && world.chance(0.5);
        if (!lostWithIt) {
          var unused = world.at(cut + latency(), link.to, () -> arrive(again));
        }
        return;
      }
      sim.faults.noticed(Faults.Stage.DELIVERED, message, link.to);
      if (link.to.dead) {
        return;
      }
      if (world.tracing()) {
        world.log((again ? "again " : "      ") + this);
      }
      CompletableFuture<ShardReply> reply =
          link.to.handle(wired ? SimulatedWire.copy(message) : message);
      if (!again) {
        var unused = reply.whenComplete((value, failure) -> reply(value));
      }
    }

    private void reply(ShardReply value) {
      if (link.to.dead) {
        return;
      }
      sim.faults.noticed(Faults.Stage.HANDLED, message, link.to);
      ShardReply sent = wired ? SimulatedWire.copy(value) : value;
      var unused = world.at(latency(), port.from, () -> answered(sent));
    }

    private void answered(ShardReply reply) {
      long cut = cut(port.from, link.to);
      if (cut > 0) {
        var unused = world.at(cut + latency(), port.from, () -> answered(reply));
        return;
      }
      if (epoch != link.epoch || link.calls.remove(this) == null) {
        return;
      }
      if (world.tracing() && !(reply instanceof ShardReply.Done)) {
        world.log(
            "         " + port.from.name + " <- " + link.to.name + " " + Simulation.text(reply));
      }
      if (reply instanceof ShardReply.Refused refused) {
        answer.completeExceptionally(SimulatedWire.exception(refused));
      } else {
        answer.complete(reply);
      }
    }

    boolean silent() {
      return link.to.stopped() || link.to.dead || cut(port.from, link.to) > 0;
    }

    void watch() {
      var unused =
          world.at(
              PEER_TIMEOUT,
              port.from,
              () -> {
                if (link.calls.containsKey(this) && epoch == link.epoch && silent()) {
                  port.breakOff(link, "it gave no sign of life for 10000 ms");
                }
              });
    }
  }

  /** One process's connections. */
  final class Port implements ShardCalls {
    private final Process from;
    private final Consumer<ShardAddress> broken;
    private final Map<ShardAddress, Link> links = new LinkedHashMap<>();

    Port(Process from, Consumer<ShardAddress> broken) {
      this.from = from;
      this.broken = broken;
    }

    @Override
    public CompletableFuture<ShardReply> call(ShardAddress address, ShardMessage message) {
      Executor to = executors.get(address);
      if (from.dead) {
        return new CompletableFuture<>(); // nobody is left who could wait for it
      }
      if (to == from) {
        return SimulatedWire.unwrapped(to.handle(message));
      }
      Link link = links.computeIfAbsent(address, key -> new Link(to));
      Call call = new Call(this, link, message);
      link.calls.put(call, true);
      sim.faults.noticed(Faults.Stage.SENT, message, to);
      if (to.dead && !to.silent) {
        var unused = world.at(latency(), from, () -> fail(call, "it cannot be reached (refused)"));
        return call.answer;
      }
      if (call.silent()) {
        call.watch();
      }
      send(call);
      return call.answer;
    }

    private void send(Call call) {
      Executor to = call.link.to;
      long time = latency();
      double fate = world.random.nextDouble();
      boolean arrives = true;
      if (fate < lost) {
        arrives = world.chance(0.5);
        var unused =
            world.at(
                world.between(0, 2 * World.SECOND),
                from,
                () -> {
                  if (call.epoch == call.link.epoch) {
                    breakOff(call.link, "the connection broke");
                  }
                });
        time += world.between(0, World.SECOND);
      } else if (fate < lost + doubled) {
        var unused = world.at(world.between(0, 4 * World.SECOND), to, () -> call.arrive(true));
      } else if (fate < lost + doubled + late) {
        time += world.between(World.MILLI, 4 * World.SECOND);
      }
      if (arrives) {
        var unused = world.at(time, to, () -> call.arrive(false));
      }
    }

    private void breakOff(Link link, String why) {
      if (world.tracing()) {
        world.log("      connection " + from.name + " - " + link.to.name + ": " + why);
      }
      link.epoch++;
      failAll(link, why);
      broken.accept(link.to.address);
    }

    private void failAll(Link link, String why) {
      for (Call call : List.copyOf(link.calls.keySet())) {
        fail(call, why);
      }
    }

    private void fail(Call call, String why) {
      if (call.link.calls.remove(call) != null) {
        call.answer.completeExceptionally(
            new TransportException.PeerGone(
                "Cannot get an answer from " + call.link.to.address + ": " + why, null));
      }
    }

    @Override
    public void forget(ShardAddress address, String why) {
      Link link = links.get(address);
      if (link != null) {
        link.epoch++;
        failAll(link, why);
      }
    }

    private void watch(Process a, Process b) {
      for (Link link : links.values()) {
        boolean concerned =
            b == null ? link.to == a : (link.to == a && from == b) || (link.to == b && from == a);
        if (concerned) {
          link.calls.keySet().forEach(Call::watch);
        }
      }
    }
  }
}
