package dev.cairn.spark.reading;

import java.io.Serializable;

/**
 * An executor's question to the driver for the owners of a model's shards.
 *
 * @param model the model that it reads
 * @param failedGeneration the generation whose shards did not answer, 0 when none has failed
 * @param loading the number from the last {@link ShardsAnswer.NotYet}, 0 in a first question
 */
public record ShardsWanted(ReadableModel model, long failedGeneration, long loading)
    implements Serializable {}
