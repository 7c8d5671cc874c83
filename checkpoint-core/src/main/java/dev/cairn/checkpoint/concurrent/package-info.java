/**
 * Threads: {@link dev.cairn.checkpoint.concurrent.NamedThreads} makes all that there are, here and
 * in the modules above, for which this room is a door; {@link
 * dev.cairn.checkpoint.concurrent.Parallel} does some I/O on several of them.
 *
 * <p>Invariants: every thread has a name and none keeps a JVM alive. This room imports the JDK
 * alone.
 */
@NullMarked
package dev.cairn.checkpoint.concurrent;

import org.jspecify.annotations.NullMarked;
