/**
 * The one place, besides the plugin class itself and {@code ml} for Spark ML, that uses Spark's
 * internals ({@code private[spark]} in Scala, public in the class files). Each use has a comment on
 * why there is no public way.
 */
@NullMarked
package dev.cairn.spark.internal;

import org.jspecify.annotations.NullMarked;
