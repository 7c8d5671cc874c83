package dev.cairn.spark;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.Property;

/**
 * The lines that this JVM logs while it is open, in their order, from INFO on. Closing it restores
 * the logger.
 */
public final class LogLines extends AbstractAppender implements AutoCloseable {
  private final List<LogEvent> events = new CopyOnWriteArrayList<>();
  private final Logger logger;
  private final Level before;

  private LogLines(String name) {
    super("log lines of " + name, null, null, true, Property.EMPTY_ARRAY);
    logger = (Logger) LogManager.getLogger(name);
    before = logger.getLevel();
  }

  /** Listens to a logger and those below it. */
  public static LogLines of(String name) {
    LogLines lines = new LogLines(name);
    Configurator.setLevel(name, Level.INFO);
    lines.start();
    lines.logger.addAppender(lines);
    return lines;
  }

  @Override
  public void append(LogEvent event) {
    events.add(event.toImmutable());
  }

  /** The messages of level INFO. */
  public List<String> info() {
    return events.stream()
        .filter(event -> event.getLevel().equals(Level.INFO))
        .map(event -> event.getMessage().getFormattedMessage())
        .toList();
  }

  @Override
  public void close() {
    logger.removeAppender(this);
    Configurator.setLevel(logger.getName(), before);
    stop();
  }
}
