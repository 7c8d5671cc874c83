/** The packed jar on a cluster of real processes: standalone master, workers, executors, HDFS. */
@org.jspecify.annotations.NullMarked
package dev.cairn.jobs.cluster;
