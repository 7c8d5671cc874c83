package dev.cairn.jobs.show;

/**
 * The progress of a training run.
 *
 * @param epoch the running epoch, from 1
 * @param epochs the number of all epochs
 * @param step the number of steps applied since the beginning of the model, resumed ones too
 * @param steps the step at which the run ends
 * @param rowsPerSecond the recent rate; 0 when not known yet
 * @param loss mean training loss a row over the last steps; NaN before the first
 * @param validation mean loss a row of the held-out rows when they were last judged; NaN before
 * @param durable step of the newest durable checkpoint; -1 when there is none
 */
public record RunProgress(
    long epoch,
    long epochs,
    long step,
    long steps,
    double rowsPerSecond,
    double loss,
    double validation,
    long durable) {}
