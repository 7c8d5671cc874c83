package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.CheckpointVerifier;
import dev.cairn.checkpoint.model.VerifyReport;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.show.Units;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code checkpoint verify CHECKPOINT}. */
@Command(
    name = "verify",
    header = "Reads every byte of a checkpoint and names every damage.",
    footer = CheckpointCommand.EXIT_CODES)
final class VerifyVerb extends CheckpointVerb {
  private static final long SHOW_NANOS = 200_000_000L;

  @Parameters(paramLabel = "CHECKPOINT", description = CheckpointCommand.CHECKPOINT)
  private String path = "";

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "4",
      description = "Files read at a time (default ${DEFAULT-VALUE}).")
  private int threads = 4;

  VerifyVerb(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    boolean live = console.screen().terminal() && !json();
    AtomicLong bytes = new AtomicLong();
    AtomicLong shown = new AtomicLong(start);
    VerifyReport report;
    try {
      report =
          CheckpointVerifier.verify(
              resolve(path),
              options(),
              Math.max(1, threads),
              more -> {
                long sum = bytes.addAndGet(more);
                long last = shown.get();
                long now = System.nanoTime();
                if (live && now - last > SHOW_NANOS && shown.compareAndSet(last, now)) {
                  console.out().print("\r\u001b[2Kread " + Units.bytes(sum));
                  console.out().flush();
                }
              });
    } finally {
      if (live) {
        console.out().print("\r\u001b[2K");
      }
    }
    show(report, (System.nanoTime() - start) / 1_000_000);
    return report.good() ? CairnCommand.OK : CairnCommand.FAILED;
  }

  private void show(VerifyReport report, long millis) throws IOException {
    if (json()) {
      ObjectNode tree =
          JSON.createObjectNode()
              .put("path", report.path())
              .put("good", report.good())
              .put("files", report.files())
              .put("bytes", report.bytes())
              .put("millis", millis);
      var damages = tree.putArray("damages");
      for (VerifyReport.Damage damage : report.damages()) {
        damages
            .addObject()
            .put("file", damage.file())
            .put("variable", damage.variable())
            .put("slice", damage.slice())
            .put("offset", damage.offset())
            .put("what", damage.what());
      }
      print(tree);
      return;
    }
    report.damages().forEach(damage -> say("DAMAGED  " + damage));
    String read =
        Text.format(
            "%s in %d %s, %s",
            Units.bytes(report.bytes()),
            report.files(),
            report.files() == 1 ? "file" : "files",
            Units.millis(millis));
    String name = ReportFile.shown(report.path());
    int count = report.damages().size();
    say(
        report.good()
            ? "good: " + name + " (" + read + ")"
            : (count == 1 ? "1 damage" : count + " damages") + ": " + name + " (" + read + ")");
  }
}
