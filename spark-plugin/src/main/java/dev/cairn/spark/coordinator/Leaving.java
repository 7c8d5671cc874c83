package dev.cairn.spark.coordinator;

import java.io.Serializable;

/**
 * The message of an executor's plugin to the driver's plugin when its process is told to end: hand
 * its shards over at the next cut. It is sent again and again; the answer is whether the executor
 * owns none any more.
 *
 * @param executorId Spark's id of the executor
 */
public record Leaving(String executorId) implements Serializable {}
