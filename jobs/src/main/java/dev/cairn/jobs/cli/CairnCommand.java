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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command {@code cairn}: its verbs, its errors, its exit codes. */
@Command(
    name = "cairn",
    synopsisSubcommandLabel =
        "train|predict|publish|refresh|rollback|history|patch|model|curve|checkpoint|bench|help",
    header =
        "Trains on Spark with the parameters in its executors; its checkpoints open in"
            + " TensorFlow.%n",
    footer = {
      "",
      "Exit codes of all commands: 0 good; 1 what was compared differs, what was verified is"
          + " damaged;",
      "2 trouble: an error, or wrong usage; 3 a gate refused a refreshed model; 143 or 130 when a"
          + " signal stopped",
      "training after it saved."
    })
public final class CairnCommand {
  /** Exit code: done, and all is good. */
  static final int OK = 0;

  /** Exit code: done, but the checkpoints differ or are damaged. */
  static final int FAILED = 1;

  /** Exit code: not done because of an error, which the message explains. */
  static final int TROUBLE = 2;

  /** Exit code: done, but the gate has not let a refreshed model through. */
  static final int REFUSED = 3;

  /** Exit code: not done, since the command line cannot be understood; the same as trouble. */
  static final int USAGE = TROUBLE;

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of an error.")
  private boolean debug;

  private CairnCommand() {}

  /**
   * Runs the verb of {@code args} and gives its exit code. It never throws for errors that the user
   * can mend.
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
    CommandLine line = line(console);
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

  /** All commands, with their common options. */
  static CommandLine line(Console console) {
    CairnCommand root = new CairnCommand();
    CommandLine line = new CommandLine(root);
    line.addSubcommand("train", new TrainCommand(console));
    line.addSubcommand("predict", new PredictCommand(console));
    line.addSubcommand("model", ModelCommand.line(console));
    line.addSubcommand("publish", new PublishCommand(console));
    line.addSubcommand("refresh", new RefreshCommand(console));
    line.addSubcommand("rollback", new RollbackCommand(console));
    line.addSubcommand("history", new HistoryCommand(console));
    line.addSubcommand("patch", PatchCommand.line(console));
    line.addSubcommand("curve", new CurveCommand(console));
    line.addSubcommand("checkpoint", CheckpointCommand.line(console));
    line.addSubcommand("bench", new BenchCommand(console));
    line.addSubcommand("help", new HelpCommand(console));
    addHelp(line);
    line.setOut(writer(console.out()));
    line.setErr(writer(console.err()));
    line.setExecutionExceptionHandler(
        (error, command, parsed) -> root.explain(console, error, command));
    line.setParameterExceptionHandler((error, unused) -> usage(console, error));
    return line;
  }

  /** Adds {@code --help}, {@code -h} and {@code --version} to every command. */
  private static void addHelp(CommandLine line) {
    line.getCommandSpec().mixinStandardHelpOptions(true).versionProvider(new Versions());
    line.getSubcommands().values().forEach(CairnCommand::addHelp);
  }

  private static PrintWriter writer(PrintStream out) {
    return new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), true);
  }

  private static int usage(Console console, ParameterException error) {
    CommandLine command = error.getCommandLine();
    console.err().println("cairn: " + PlainText.of(String.valueOf(error.getMessage())));
    console.err().println("Try: cairn help" + pathOf(command));
    return USAGE;
  }

  /** The words of a command after {@code cairn}; none for help itself. */
  private static String pathOf(CommandLine command) {
    StringBuilder path = new StringBuilder();
    for (CommandLine c = command; c != null && c.getParent() != null; c = c.getParent()) {
      path.insert(0, " " + c.getCommandName());
    }
    return path.toString().equals(" help") ? "" : path.toString();
  }

  private int explain(Console console, Throwable error, CommandLine command) {
    console.out().flush();
    console.err().println("cairn: " + PlainText.of(message(error)));
    if (debug) {
      error.printStackTrace(console.err());
    } else if (!expected(error)) {
      console.err().println("(--debug shows where this came from)");
    }
    log().ifPresent(file -> console.err().println("(log=" + file + ")"));
    boolean damaged = error instanceof CheckpointException.Corrupt;
    return command.getCommand() instanceof CheckpointVerb && damaged ? FAILED : TROUBLE;
  }

  /** The log of Spark and Hadoop, if they wrote any: the launcher sends it there. */
  private static Optional<Path> log() {
    return Optional.ofNullable(System.getProperty("cairn.log")).map(Path::of).filter(Files::exists);
  }

  private static boolean expected(Throwable error) {
    return error instanceof JobException
        || error instanceof CheckpointException
        || error instanceof TrainingFailedException;
  }

  /**
   * The message of an error in one line: our own messages as they are, others with the reason at
   * their bottom.
   */
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
