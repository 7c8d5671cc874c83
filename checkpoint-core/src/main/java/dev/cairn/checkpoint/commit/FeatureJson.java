package dev.cairn.checkpoint.commit;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.model.CheckpointException;
import dev.cairn.checkpoint.model.ColumnType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Derived;
import dev.cairn.checkpoint.model.FeatureDefinition.Label;
import dev.cairn.checkpoint.model.FeatureDefinition.Nulls;
import dev.cairn.checkpoint.model.FeatureDefinition.Offset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The definition of features as JSON; the format is in this package's description. */
final class FeatureJson {
  private FeatureJson() {}

  static void put(ObjectNode node, FeatureDefinition features) {
    ArrayNode derived = node.putArray("derived");
    for (Derived column : features.derived()) {
      ObjectNode one = derived.addObject().put("name", column.name()).put("sql", column.sql());
      column.type().ifPresent(type -> one.put("type", type.name()));
    }
    put(node.putArray("categorical"), features.categorical());
    put(node.putArray("numeric"), features.numeric());
    ArrayNode crosses = node.putArray("crosses");
    features.crosses().forEach(cross -> put(crosses.addArray(), cross));
    node.put("size", features.size());
    node.put("nulls", features.nulls().name().toLowerCase(Locale.ROOT));
    features.label().ifPresent(label -> put(node.putObject("label"), label));
    features.offset().ifPresent(offset -> node.put("offset", offset.sql()));
    if (!features.types().isEmpty()) {
      ObjectNode types = node.putObject("types");
      features.types().forEach((name, type) -> types.put(name, type.name()));
    }
  }

  private static void put(ObjectNode node, Label label) {
    node.put("sql", label.sql());
    label.positive().ifPresent(value -> node.put("positive", value));
  }

  private static void put(ArrayNode node, List<String> texts) {
    texts.forEach(node::add);
  }

  static FeatureDefinition read(JsonFields node) throws CheckpointException {
    return new FeatureDefinition(
        node.objects("derived", FeatureJson::derived),
        node.list("categorical"),
        node.list("numeric"),
        node.lists("crosses"),
        Math.toIntExact(node.number("size")),
        node.has("label") ? Optional.of(label(node.object("label"))) : Optional.empty(),
        nulls(node),
        types(node),
        node.has("offset") ? Optional.of(new Offset(node.text("offset"))) : Optional.empty());
  }

  private static Derived derived(JsonFields node) throws CheckpointException {
    return new Derived(
        node.text("name"),
        node.text("sql"),
        node.has("type") ? Optional.of(new ColumnType(node.text("type"))) : Optional.empty());
  }

  private static SortedMap<String, ColumnType> types(JsonFields node) throws CheckpointException {
    SortedMap<String, ColumnType> types = new TreeMap<>();
    if (node.has("types")) {
      node.object("types").texts().forEach((name, type) -> types.put(name, new ColumnType(type)));
    }
    return types;
  }

  private static Label label(JsonFields node) throws CheckpointException {
    return new Label(
        node.text("sql"),
        node.has("positive") ? Optional.of(node.text("positive")) : Optional.empty());
  }

  private static Nulls nulls(JsonFields node) throws CheckpointException {
    String text = node.text("nulls");
    for (Nulls known : Nulls.values()) {
      if (known.name().toLowerCase(Locale.ROOT).equals(text)) {
        return known;
      }
    }
    throw new IllegalArgumentException("field 'training.features.nulls' is odd, found " + text);
  }
}
