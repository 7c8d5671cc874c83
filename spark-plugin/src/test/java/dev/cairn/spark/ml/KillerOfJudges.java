package dev.cairn.spark.ml;

import dev.cairn.spark.ExecutorProcesses;
import java.util.List;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;

/** Kills an executor when a judgement begins, until one was interrupted by that. */
final class KillerOfJudges extends SparkListener {
  private final List<String> interruptions;
  private long killedBefore = -1;

  /** One that is told why training was interrupted. */
  KillerOfJudges(List<String> interruptions) {
    this.interruptions = interruptions;
  }

  /** The number of judgements that were interrupted. */
  long hits() {
    return interruptions.stream().filter(why -> why.contains("Cannot judge")).count();
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    boolean judging = submitted.stageInfo().name().contains("Judge.java");
    long seen = interruptions.size();
    if (judging && hits() == 0 && seen != killedBefore) {
      killedBefore = seen; // not again before the run has noticed
      ExecutorProcesses.running().values().stream()
          .findFirst()
          .ifPresent(pid -> ExecutorProcesses.signal(pid, "KILL"));
    }
  }
}
