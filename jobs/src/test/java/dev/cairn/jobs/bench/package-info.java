/** The measurements of {@code jobs/cairn bench}: JMH kernels, and whole-system tables. */
@org.jspecify.annotations.NullMarked
package dev.cairn.jobs.bench;
