package dev.cairn.spark.reading;

import java.io.Serializable;

/**
 * What an executor asks the driver: where are the shards of this model?
 *
 * @param model what it reads
 * @param failedGeneration the generation whose shards did not answer, 0 when none has failed
 * @param loading the number from the last {@link ShardsAnswer.NotYet}, 0 in a first question
 */
public record ShardsWanted(ReadableModel model, long failedGeneration, long loading)
    implements Serializable {}
