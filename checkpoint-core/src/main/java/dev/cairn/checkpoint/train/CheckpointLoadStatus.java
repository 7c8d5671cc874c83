package dev.cairn.checkpoint.train;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.cairn.checkpoint.graph.Restoration;
import java.io.IOException;

/** The status of a restore from a file that has an object graph. Not thread-safe. */
public final class CheckpointLoadStatus implements LoadStatus {
  private final Session session;

  CheckpointLoadStatus(Session session) {
    this.session = session;
  }

  @Override
  @CanIgnoreReturnValue
  public CheckpointLoadStatus assertConsumed() throws IOException {
    session.refresh().assertConsumed();
    session.expected();
    return this;
  }

  @Override
  @CanIgnoreReturnValue
  public CheckpointLoadStatus assertExistingObjectsMatched() throws IOException {
    session.refresh().assertExistingObjectsMatched();
    session.expected();
    return this;
  }

  @Override
  @CanIgnoreReturnValue
  public CheckpointLoadStatus assertNontrivialMatch() throws IOException {
    session.refresh().assertNontrivialMatch();
    return this;
  }

  @Override
  @CanIgnoreReturnValue
  public CheckpointLoadStatus expectPartial() {
    session.expected();
    return this;
  }

  @Override
  public Restoration.Report report() throws IOException {
    return session.refresh().report();
  }
}
