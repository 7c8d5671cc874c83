/**
 * The one place, besides the plugin class itself and {@code ml} for Spark ML, that touches what
 * Spark keeps to itself ({@code private[spark]} in Scala, public in the class files). Each use says
 * why no public way exists.
 */
@NullMarked
package dev.cairn.spark.internal;

import org.jspecify.annotations.NullMarked;
