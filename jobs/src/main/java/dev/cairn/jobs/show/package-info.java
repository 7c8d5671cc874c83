/**
 * The output for people: units, tables, the live progress line, the training curve. Nothing here
 * imports Spark or checkpoints: numbers come in, text goes out, so all of it is tested with a clock
 * and a stream made for the test.
 */
@NullMarked
package dev.cairn.jobs.show;

import org.jspecify.annotations.NullMarked;
