/** Spark ML. */
@NullMarked
package dev.cairn.spark.ml;

import org.jspecify.annotations.NullMarked;
