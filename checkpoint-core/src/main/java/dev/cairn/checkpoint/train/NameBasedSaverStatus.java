package dev.cairn.checkpoint.train;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.cairn.checkpoint.graph.Restoration;
import java.io.IOException;

/**
 * The status of a restore from a file without an object graph, which is read by names. What the
 * file has more than the program is never an error, nor that it lacks the counter of saves. Not
 * thread-safe.
 */
public final class NameBasedSaverStatus implements LoadStatus {
  private final Session session;

  NameBasedSaverStatus(Session session) {
    this.session = session;
  }

  @Override
  @CanIgnoreReturnValue
  public NameBasedSaverStatus assertConsumed() throws IOException {
    return assertExistingObjectsMatched();
  }

  @Override
  @CanIgnoreReturnValue
  public NameBasedSaverStatus assertExistingObjectsMatched() throws IOException {
    session.refresh().assertExistingObjectsMatched();
    session.expected();
    return this;
  }

  @Override
  @CanIgnoreReturnValue
  public NameBasedSaverStatus assertNontrivialMatch() throws IOException {
    session.refresh().assertNontrivialMatch();
    return this;
  }

  @Override
  @CanIgnoreReturnValue
  public NameBasedSaverStatus expectPartial() {
    session.expected();
    return this;
  }

  @Override
  public Restoration.Report report() throws IOException {
    return session.refresh().report();
  }
}
