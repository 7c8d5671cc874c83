package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.data.SparkErrors;
import dev.cairn.jobs.show.PlainText;
import dev.cairn.spark.ml.TrainingFailedException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command {@code cairn}: its verbs, its errors, its exit codes. */
@Command(
    name = "cairn",
    synopsisSubcommandLabel = "train|checkpoint|bench|help",
    header =
        "Trains on Spark with the parameters in its executors; its checkpoints open in"
            + " TensorFlow.%n",
    footer = {
      "",
      "Exit codes: 0 done, 1 an error, 2 wrong usage; 143 or 130 when a signal stopped training"
          + " after saving.",
      "checkpoint: 0 the same or good, 1 they differ or damage was found, 2 anything else."
    })
public final class CairnCommand {
  /** Done. */
  static final int OK = 0;

  /** An error that the message explains. */
  static final int FAILED = 1;

  /** Wrong usage; for the verbs of {@code checkpoint}, any trouble but damage. */
  static final int USAGE = 2;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean debug;

  private CairnCommand() {}

  /**
   * Runs the verb of {@code args} and gives its exit code. Never throws for what the user can mend.
   */
  public static int run(String... args) {
    Console console = Console.ofProcess();
    String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
    Optional<String> unreadable = ProcessLetters.refusal(encoding, args);
    if (unreadable.isPresent()) {
      console.err().println("cairn: " + unreadable.get());
      return USAGE;
    }
    return run(console, args);
  }

  static int run(Console console, String... args) {
    CairnCommand root = new CairnCommand();
    CommandLine line = new CommandLine(root);
    line.addSubcommand("train", new TrainCommand(console));
    line.addSubcommand("checkpoint", CheckpointCommand.line(console));
    line.addSubcommand("bench", new BenchCommand(console));
    line.addSubcommand("help", new HelpCommand(console));
    line.setOut(writer(console.out()));
    line.setErr(writer(console.err()));
    line.setExecutionExceptionHandler(
        (error, command, parsed) -> root.explain(console, error, command));
    line.setParameterExceptionHandler((error, unused) -> usage(console, error));
    if (args.length == 0) {
      line.usage(console.out());
      console.out().flush();
      return USAGE;
    }
    int code = line.execute(args);
    console.out().flush();
    console.err().flush();
    return code;
  }

  private static PrintWriter writer(PrintStream out) {
    return new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), true);
  }

  private static int usage(Console console, ParameterException error) {
    CommandLine command = error.getCommandLine();
    console.err().println("cairn: " + PlainText.of(String.valueOf(error.getMessage())));
    console
        .err()
        .println(
            "Try: cairn help"
                + (command.getParent() == null ? "" : " " + command.getCommandName()));
    return USAGE;
  }

  private int explain(Console console, Throwable error, CommandLine command) {
    console.out().flush();
    console.err().println("cairn: " + PlainText.of(message(error)));
    if (debug) {
      error.printStackTrace(console.err());
    } else if (!expected(error)) {
      console.err().println("(--debug shows where this came from)");
    }
    boolean damaged = error instanceof CheckpointException.Corrupt;
    return command.getCommand() instanceof CheckpointVerb && !damaged ? USAGE : FAILED;
  }

  private static boolean expected(Throwable error) {
    return error instanceof JobException
        || error instanceof CheckpointException
        || error instanceof TrainingFailedException;
  }

  /** One line: our own messages as they are, a stranger's with the reason at its bottom. */
  static String message(Throwable error) {
    for (Throwable e = error; e != null; e = e.getCause()) {
      if (expected(e) && e.getMessage() != null) {
        return oneLine(e.getMessage());
      }
    }
    return "Cannot go on: " + oneLine(SparkErrors.why(error));
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
