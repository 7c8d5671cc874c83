package dev.cairn.jobs.cli;

import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureDefinition.Label;
import dev.cairn.checkpoint.model.FeatureDefinition.Offset;
import dev.cairn.jobs.config.ConfKey;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.ModelKeys;
import dev.cairn.jobs.config.RowKeys;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.config.TrainConfLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A version's features as keys of a configuration, which a refresh has to keep. */
final class RefreshFeatures {
  /** The keys that may say more when features grow. */
  private static final List<ConfKey<?>> GROWING =
      List.of(TrainConf.CATEGORICAL, TrainConf.NUMERIC, TrainConf.CROSS, TrainConf.HASH_BITS);

  private static final List<ConfKey<?>> FIXED =
      List.of(TrainConf.LABEL, TrainConf.LABEL_POSITIVE, RowKeys.OFFSET);

  private RefreshFeatures() {}

  /**
   * The words {@code key=value} that make a definition again.
   *
   * @throws JobException if no keys say so many features
   */
  static List<String> words(FeatureDefinition features) {
    if (Integer.bitCount(features.size()) != 1 || features.size() < 2) {
      throw new JobException(
          Text.format(
              "Cannot refresh a model of %,d features: expected a power of two, which"
                  + " features.hash-bits says, since the model was trained by a Spark program;"
                  + " refresh it in one (dev.cairn.spark.refresh.ModelRefresh)",
              features.size()));
    }
    List<String> words = new ArrayList<>();
    words.add("features.categorical=" + String.join(",", features.categorical()));
    words.add("features.numeric=" + String.join(",", features.numeric()));
    words.add(
        "features.cross="
            + features.crosses().stream()
                .map(FeatureDefinition::crossName)
                .collect(Collectors.joining(",")));
    words.add("features.hash-bits=" + Integer.numberOfTrailingZeros(features.size()));
    features.derived().forEach(one -> words.add(TrainConf.DERIVE + one.name() + "=" + one.sql()));
    if (features.label().isPresent()) {
      Label label = features.label().get();
      words.add("label=" + label.sql());
      label.positive().ifPresent(value -> words.add("label.positive=" + value));
    }
    features
        .offset()
        .map(Offset::sql)
        .ifPresent(sql -> words.add(RowKeys.OFFSET.name() + "=" + sql));
    return words;
  }

  /**
   * Refuses a configuration whose features are not those of a version. Where features grow, what
   * they grow from is checked once more where they are made; label and offset are the same then,
   * too.
   *
   * @param known the version's, by {@link #words}
   * @param version in words, for messages
   */
  static void check(TrainConf conf, List<String> known, String version) {
    List<String> all = new ArrayList<>(known);
    all.add("input=none");
    all.add("checkpoint.dir=none");
    all.add("model=" + conf.text("model"));
    TrainConf theirs = TrainConfLoader.of(all);
    List<String> differences = new ArrayList<>();
    boolean grows = conf.get(ModelKeys.INITIAL_GROWTH);
    if (!grows) {
      compare(GROWING, theirs, conf, differences);
      compareDerived(theirs, conf, differences);
    }
    compare(FIXED, theirs, conf, differences);
    if (!differences.isEmpty()) {
      throw new JobException(
          Text.format(
              "Cannot refresh with other features than those of %s: %s; leave these keys out%s",
              version,
              String.join("; ", differences),
              grows
                  ? ""
                  : ", or let features grow (model.initial-growth=true), or train and publish a"
                      + " model with the new features"));
    }
  }

  private static void compareDerived(TrainConf theirs, TrainConf conf, List<String> differences) {
    theirs
        .derived()
        .forEach(
            (name, sql) -> {
              String key = TrainConf.DERIVE + name;
              compare(key, sql, conf.text(key), conf, differences);
            });
    conf.derived()
        .forEach(
            (name, sql) -> {
              if (!theirs.derived().containsKey(name)) {
                compare(TrainConf.DERIVE + name, "", sql, conf, differences);
              }
            });
  }

  private static void compare(
      List<ConfKey<?>> keys, TrainConf theirs, TrainConf conf, List<String> differences) {
    for (ConfKey<?> key : keys) {
      compare(key.name(), theirs.text(key.name()), conf.text(key.name()), conf, differences);
    }
  }

  private static void compare(
      String key, String theirs, String ours, TrainConf conf, List<String> differences) {
    if (!theirs.equals(ours)) {
      differences.add(
          Text.format(
              "%s: expected \"%s\", found \"%s\" (%s)", key, theirs, ours, conf.place(key)));
    }
  }
}
