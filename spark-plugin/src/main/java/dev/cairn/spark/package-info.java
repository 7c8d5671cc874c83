/** Placeholder. */
@NullMarked
package dev.cairn.spark;

import org.jspecify.annotations.NullMarked;
