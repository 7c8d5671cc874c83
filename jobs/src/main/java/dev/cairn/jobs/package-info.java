/** Placeholder. */
@NullMarked
package dev.cairn.jobs;

import org.jspecify.annotations.NullMarked;
