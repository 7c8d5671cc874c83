package dev.cairn.spark.coordinator;

import dev.cairn.spark.transport.ShardAddress;
import dev.cairn.spark.transport.ShardCalls;
import dev.cairn.spark.transport.ShardMessage;
import dev.cairn.spark.transport.ShardReply;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Executors that answer as they are told to, without any; remembers what they were asked. */
final class ScriptedCalls implements ShardCalls {
  final List<ShardMessage> asked = new CopyOnWriteArrayList<>();

  private final Function<ShardMessage, CompletableFuture<ShardReply>> script;

  ScriptedCalls(Function<ShardMessage, CompletableFuture<ShardReply>> script) {
    this.script = script;
  }

  /** Answers at once. */
  static ScriptedCalls answering(Function<ShardMessage, ShardReply> script) {
    return new ScriptedCalls(message -> CompletableFuture.completedFuture(script.apply(message)));
  }

  /** Never answers. */
  static ScriptedCalls hung() {
    return new ScriptedCalls(message -> new CompletableFuture<>());
  }

  @Override
  public CompletableFuture<ShardReply> call(ShardAddress address, ShardMessage message) {
    asked.add(message);
    return script.apply(message);
  }

  @Override
  public void forget(ShardAddress address, String why) {}
}
