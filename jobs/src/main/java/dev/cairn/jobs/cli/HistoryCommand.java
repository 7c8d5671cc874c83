package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.ServingConfig;
import dev.cairn.checkpoint.model.VersionRecord;
import dev.cairn.checkpoint.publish.ModelFolder;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.jobs.show.TextTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code history MODELS/name}. */
@Command(
    name = "history",
    header = "Lists the versions of a model, oldest first: what each came from, and how it did.",
    footer = CheckpointCommand.EXIT_CODES)
final class HistoryCommand extends CheckpointVerb {
  @Parameters(paramLabel = "MODELS/name", description = "The model's folder.")
  private String model = "";

  HistoryCommand(Console console) {
    super(console);
  }

  @Override
  public Integer call() throws IOException {
    try (ModelFolder folder = ModelFolder.open(folder(model), options())) {
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
    }
    return CairnCommand.OK;
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
