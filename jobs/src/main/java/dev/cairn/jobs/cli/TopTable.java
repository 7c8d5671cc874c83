package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.jobs.cli.HeaviestFeatures.Coefficient;
import dev.cairn.jobs.cli.HeaviestFeatures.Pair;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.show.TextTable;
import dev.cairn.jobs.show.Units;
import java.util.ArrayList;
import java.util.List;

/**
 * The output of {@code model top}, for people or for programs.
 *
 * @param checkpoint the checkpoint that holds the model
 * @param kind the kind of the model, such as {@code softmax}
 * @param classes whether a feature has a coefficient for each class
 * @param heaviest the heaviest features first
 * @param pairs the heaviest pairs of these features, for a factorization machine
 * @param names the names of all features
 */
record TopTable(
    String checkpoint,
    String kind,
    boolean classes,
    List<Coefficient> heaviest,
    List<Pair> pairs,
    FeatureNames names) {

  /** The kind of a model whose checkpoint does not define it. */
  static final String UNKNOWN = "unknown";

  /** Copies the lists. */
  TopTable {
    heaviest = List.copyOf(heaviest);
    pairs = List.copyOf(pairs);
  }

  /** The table as JSON, for programs. */
  ObjectNode json() {
    ObjectNode root = CheckpointVerb.JSON.createObjectNode();
    root.put("checkpoint", checkpoint).put("model", kind);
    ArrayNode features = root.putArray("features");
    for (Coefficient one : heaviest) {
      ObjectNode node = features.addObject().put("id", one.id());
      if (classes) {
        node.put("class", one.column());
      }
      named(node.put("coefficient", one.value()).putArray("names"), one.id());
    }
    if (!pairs.isEmpty()) {
      ArrayNode list = root.putArray("pairs");
      for (Pair pair : pairs) {
        ObjectNode node = list.addObject().put("product", pair.product());
        ArrayNode both = node.putArray("features");
        named(both.addObject().put("id", pair.first()).putArray("names"), pair.first());
        named(both.addObject().put("id", pair.second()).putArray("names"), pair.second());
      }
    }
    return root;
  }

  private void named(ArrayNode list, int id) {
    names
        .of(id)
        .forEach(name -> list.addObject().put("name", name.name()).put("rows", name.rows()));
  }

  /** The table as lines, for people. */
  List<String> lines() {
    String effect = effect();
    List<String> lines = new ArrayList<>();
    if (!heaviest.isEmpty()) {
      lines.addAll(coefficientLines(effect));
    }
    if (!pairs.isEmpty()) {
      if (!lines.isEmpty()) {
        lines.add("");
      }
      lines.addAll(pairLines(effect));
    }
    if (lines.isEmpty()) {
      lines.add("All coefficients are 0.");
    }
    return lines;
  }

  private List<String> coefficientLines(String effect) {
    List<String> head = new ArrayList<>();
    head.add(">coefficient");
    if (!effect.isEmpty()) {
      head.add(">" + effect);
    }
    if (classes) {
      head.add(">class");
    }
    head.add(">rows");
    head.add("feature");
    TextTable table = new TextTable(head.toArray(String[]::new));
    for (Coefficient one : heaviest) {
      List<String> row = new ArrayList<>();
      row.add(number(one.value()));
      if (!effect.isEmpty()) {
        row.add(times(one.value()));
      }
      if (classes) {
        row.add(Integer.toString(one.column()));
      }
      row.add(Units.count(names.rows(one.id())));
      row.add(names.text(one.id()));
      table.row(row.toArray(String[]::new));
    }
    return table.lines();
  }

  private List<String> pairLines(String effect) {
    TextTable table =
        effect.isEmpty()
            ? new TextTable(">product", "pair of features")
            : new TextTable(">product", ">" + effect, "pair of features");
    for (Pair pair : pairs) {
      String both = names.text(pair.first()) + " and " + names.text(pair.second());
      if (effect.isEmpty()) {
        table.row(number(pair.product()), both);
      } else {
        table.row(number(pair.product()), times(pair.product()), both);
      }
    }
    return table.lines();
  }

  /** The quantity that grows by a factor when the margin grows by a number; empty for none. */
  private String effect() {
    return switch (kind) {
      case UNKNOWN, "logistic", "fm-logistic" -> "odds";
      case "poisson" -> "count";
      default -> "";
    };
  }

  private static String number(double value) {
    return Text.format("%+.4f", value);
  }

  private static String times(double value) {
    return Text.format("x %.3f", StrictMath.exp(value));
  }
}
