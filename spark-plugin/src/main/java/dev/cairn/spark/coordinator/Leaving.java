package dev.cairn.spark.coordinator;

import java.io.Serializable;

/**
 * What an executor's plugin tells the driver's plugin when its process is told to end: hand its
 * shards over at the next cut. Asked again and again; answered by whether it owns none any more.
 *
 * @param executorId Spark's id of the executor
 */
public record Leaving(String executorId) implements Serializable {}
