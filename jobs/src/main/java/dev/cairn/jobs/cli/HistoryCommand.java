package dev.cairn.jobs.cli;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.NotFound;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.checkpoint.publish.VersionHistory;
import dev.cairn.jobs.show.TextTable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code history MODELS/name}. */
@Command(
    name = "history",
    header = "Lists the versions of a model, oldest first: what each came from, and how it did.",
    description = {
      "%nWith --collect old versions are deleted first. Their records stay. Never deleted are the"
          + " version in use, those with labels, and those that a living job reads; none is while"
          + " the version in use is damaged. Versions whose records are damaged are named below"
          + " the others; the exit code is 1 then."
    },
    footer = CheckpointCommand.EXIT_CODES)
final class HistoryCommand extends CheckpointVerb {
  private static final int DEFAULT_GRACE = 24;

  @Parameters(paramLabel = "MODELS/name", description = "The model's folder.")
  private String model = "";

  @Option(
      names = "--collect",
      paramLabel = "KEEP",
      description = "Delete all versions but the newest KEEP, 1 or more.")
  private @Nullable Integer keep;

  @Option(
      names = "--grace",
      paramLabel = "HOURS",
      description =
          "With --collect: keep also what was superseded less than so many hours ago, since servers"
              + " may still load it. Default: 24.")
  private @Nullable Integer grace;

  HistoryCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    if (keep == null && grace != null) {
      throw misused("Cannot use --grace: expected --collect, too");
    }
    int hours = grace == null ? DEFAULT_GRACE : grace;
    if ((keep != null && keep < 1) || hours < 0) {
      throw misused(
          "Cannot collect versions: expected --collect 1 or more, and --grace 0 or more, found"
              + " --collect "
              + keep
              + " and --grace "
              + hours);
    }
    try (ModelFolder folder = ModelFolder.open(folder(model), options())) {
      Optional<ModelFolder.Collection> done = Optional.empty();
      CheckpointException refused = null;
      if (keep != null) {
        try {
          done = Optional.of(folder.collect(keep, Duration.ofHours(hours)));
        } catch (Corrupt | NotFound e) {
          refused = e; // The versions are shown all the same.
        }
      }
      VersionHistory history = folder.wholeHistory();
      show(folder, history, done);
      if (refused != null) {
        throw refused;
      }
      Optional<ModelVersion> unused = folder.current();
      boolean damaged = history.unreadable().values().stream().anyMatch(Corrupt.class::isInstance);
      return damaged ? CairnCommand.FAILED : CairnCommand.OK;
    }
  }

  private void show(
      ModelFolder folder, VersionHistory history, Optional<ModelFolder.Collection> done)
      throws IOException {
    SortedMap<Long, VersionRecord> all = history.versions();
    SortedMap<Long, CheckpointException> unreadable = history.unreadable();
    List<Long> there = folder.numbers();
    OptionalLong current = folder.inUse();
    SortedMap<String, Long> labels =
        folder.config().map(ServingConfig::labels).orElseGet(TreeMap::new);
    if (json()) {
      ObjectNode tree = JSON.createObjectNode().put("model", folder.path());
      current.ifPresent(of -> tree.put("current", of));
      ObjectNode labelled = tree.putObject("labels");
      labels.forEach(labelled::put);
      ArrayNode list = tree.putArray("versions");
      all.forEach(
          (number, record) ->
              list.add(new VersionText(place(folder, there, number), record).json()));
      ObjectNode bad = tree.putObject("unreadable");
      unreadable.forEach((number, why) -> bad.put(number.toString(), why.getMessage()));
      done.ifPresent(of -> put(of, tree));
      print(tree);
      return;
    }
    if (all.isEmpty() && unreadable.isEmpty()) {
      say("Nothing was published in " + ReportFile.shown(folder.path()));
      return;
    }
    TextTable table =
        new TextTable(">version", "published", "how", "rows", "figure", "before", "state", "by");
    for (Map.Entry<Long, VersionRecord> one : all.entrySet()) {
      VersionText text = new VersionText(place(folder, there, one.getKey()), one.getValue());
      table.row(
          one.getKey().toString(),
          ListVerb.TIME.format(one.getValue().created()),
          text.how(),
          text.data(),
          text.figure(),
          VersionText.figure(one.getValue().before()),
          state(one.getKey(), there, current, labels),
          one.getValue().by());
    }
    table.lines().forEach(this::say);
    unreadable.forEach(
        (number, why) ->
            say(
                (why instanceof Corrupt ? "Damaged, version " : "Not told of, version ")
                    + number
                    + ": "
                    + why.getMessage()));
    done.ifPresent(this::tell);
  }

  private static void put(ModelFolder.Collection done, ObjectNode tree) {
    ArrayNode collected = tree.putArray("collected");
    done.collected().forEach(collected::add);
    ObjectNode kept = tree.putObject("kept");
    done.kept().forEach((number, why) -> kept.put(number.toString(), why));
  }

  private void tell(ModelFolder.Collection done) {
    say(
        done.collected().isEmpty()
            ? "No version was collected"
            : "Collected "
                + done.collected().stream().map(Object::toString).collect(joining(", ")));
    done.kept().forEach((number, why) -> say("Kept " + number + ": " + why));
  }

  private static String place(ModelFolder folder, List<Long> there, long number) {
    return there.contains(number) ? folder.path() + "/" + number : "";
  }

  private static String state(
      long number, List<Long> there, OptionalLong current, SortedMap<String, Long> labels) {
    List<String> words = new ArrayList<>();
    if (current.equals(OptionalLong.of(number))) {
      words.add("in use");
    }
    labels.forEach(
        (label, version) -> {
          if (version == number) {
            words.add("@" + label);
          }
        });
    if (!there.contains(number)) {
      words.add("collected");
    }
    return String.join(", ", words);
  }
}
