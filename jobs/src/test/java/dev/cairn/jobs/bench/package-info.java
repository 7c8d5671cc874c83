/**
 * The benchmarks behind {@code jobs/cairn bench}: what Cairn costs over the bare storage and the
 * bare network, measured side by side.
 *
 * <p>Start at {@link dev.cairn.jobs.bench.Bench}. Each benchmark is a small program of its own that
 * runs in a fresh JVM ({@link dev.cairn.jobs.bench.ChildJvm}) and prints rows of the table; {@code
 * Bench} collects them. Where two sides are compared, they run in turn, and the figure is the
 * median of the ratios of the pairs ({@link dev.cairn.jobs.bench.Pairs}): what slows the machine
 * down for a while slows both.
 */
@NullMarked
package dev.cairn.jobs.bench;

import org.jspecify.annotations.NullMarked;
