/** Training. */
@NullMarked
package dev.cairn.spark.trainer;

import org.jspecify.annotations.NullMarked;
