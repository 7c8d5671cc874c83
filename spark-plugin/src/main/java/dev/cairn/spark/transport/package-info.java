/**
 * The messages between the parts of a training run: tasks to shards, the driver to shards.
 *
 * <p>There is one protocol, {@link dev.cairn.spark.transport.ShardMessage} with its answers, {@link
 * dev.cairn.spark.transport.ShardReply}. It travels over Spark's own {@code network-common} library
 * with Spark's own settings, so that {@code spark.authenticate} and {@code
 * spark.network.crypto.enabled} hold for our traffic exactly as for Spark's. A {@link
 * dev.cairn.spark.transport.ShardService} answers; a {@link dev.cairn.spark.transport.ShardServer}
 * puts it on the network and a {@link dev.cairn.spark.transport.ShardClient} calls it, directly
 * when both live in one JVM. Tasks reach all shards of a model through {@link
 * dev.cairn.spark.transport.ShardAccess}.
 *
 * <p>Invariants. Message ids never change their meaning. Nothing is allocated from a length that
 * was not checked against the bytes that are really there. Nothing on the wire is a serialised
 * object, so reading a message loads no class. Every call ends: with a reply, with a {@link
 * dev.cairn.spark.transport.TransportException.Refused} that has the reason, or, when the peer dies
 * or falls silent, with {@link dev.cairn.spark.transport.TransportException.PeerGone}.
 *
 * <p>Start at {@link dev.cairn.spark.transport.ShardMessage}.
 */
@NullMarked
package dev.cairn.spark.transport;

import org.jspecify.annotations.NullMarked;
