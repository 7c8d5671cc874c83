package dev.cairn.jobs.cli;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.jobs.show.TextTable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code history MODELS/name}. */
@Command(
    name = "history",
    header = "Lists the versions of a model, oldest first: what each came from, and how it did.",
    description = {
      "%nWith --collect old versions are deleted first. Their records stay. Never deleted are the"
          + " version in use, those with labels, and those that a living job reads."
    },
    footer = CheckpointCommand.EXIT_CODES)
final class HistoryCommand extends CheckpointVerb {
  @Parameters(paramLabel = "MODELS/name", description = "The model's folder.")
  private String model = "";

  @Option(
      names = "--collect",
      paramLabel = "KEEP",
      description = "Delete all versions but the newest KEEP, 1 or more.")
  private int keep;

  @Option(
      names = "--grace",
      paramLabel = "HOURS",
      defaultValue = "24",
      description =
          "With --collect: keep also what was superseded less than so many hours ago, since servers"
              + " may still load it. Default: ${DEFAULT-VALUE}.")
  private int grace;

  HistoryCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    if (keep < 0 || grace < 0) {
      throw misused("Cannot collect versions: expected --collect 1 or more, and --grace 0 or more");
    }
    try (ModelFolder folder = ModelFolder.open(folder(model), options())) {
      Optional<ModelFolder.Collection> done = Optional.empty();
      if (keep != 0) {
        done = Optional.of(folder.collect(keep, Duration.ofHours(grace)));
      }
      SortedMap<Long, VersionRecord> all = folder.history();
      List<Long> there = folder.numbers();
      Optional<ModelVersion> current = all.isEmpty() ? Optional.empty() : folder.current();
      SortedMap<String, Long> labels =
          folder.config().map(ServingConfig::labels).orElseGet(TreeMap::new);
      if (json()) {
        ObjectNode tree = JSON.createObjectNode().put("model", folder.path());
        current.ifPresent(of -> tree.put("current", of.number()));
        ObjectNode labelled = tree.putObject("labels");
        labels.forEach(labelled::put);
        ArrayNode list = tree.putArray("versions");
        all.forEach(
            (number, record) ->
                list.add(new VersionText(place(folder, there, number), record).json()));
        done.ifPresent(of -> put(of, tree));
        print(tree);
        return CairnCommand.OK;
      }
      if (all.isEmpty()) {
        say("Nothing was published in " + ReportFile.shown(folder.path()));
        return CairnCommand.OK;
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
      done.ifPresent(this::tell);
    }
    return CairnCommand.OK;
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
      long number,
      List<Long> there,
      Optional<ModelVersion> current,
      SortedMap<String, Long> labels) {
    List<String> words = new ArrayList<>();
    if (current.map(of -> of.number() == number).orElse(false)) {
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
