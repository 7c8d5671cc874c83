package dev.cairn.spark.keras;

import dev.cairn.checkpoint.model.FeatureDefinition;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The part of the Python file that makes rows of columns: the hashing of {@link
 * dev.cairn.checkpoint.model.RowHasher}, in plain Python. Stateless.
 */
final class KerasFeatures {
  private static final String ENCODE =
      """


      CATEGORICAL = {categorical}
      NUMERIC = {numeric}
      CROSSES = {crosses}
      known = {}


      def place(name):
          \"""Where a feature lies: MurmurHash3_x86_32 of its name, seed 42, modulo FEATURES.\"""
          if name in known:
              return known[name]
          data = name.encode("utf-8")
          value, mask = 42, 0xFFFFFFFF
          for at in range(0, len(data), 4):
              word = int.from_bytes(data[at : at + 4], "little") * 0xCC9E2D51 & mask
              word = (word << 15 | word >> 17) & mask
              value ^= word * 0x1B873593 & mask
              if at + 4 <= len(data):
                  value = ((value << 13 | value >> 19) * 5 + 0xE6546B64) & mask
          value ^= len(data)
          value = (value ^ value >> 16) * 0x85EBCA6B & mask
          value = (value ^ value >> 13) * 0xC2B2AE35 & mask
          value ^= value >> 16
          known[name] = (value - (value >> 31 << 32)) % FEATURES
          return known[name]


      def text(value):
          \"""A category as training had it; None for an absent one.\"""
          if value is None or value != value:
              return None
          return str(value).lower() if isinstance(value, (bool, np.bool_)) else str(value)


      def encode(columns):
          \"""Rows of columns: a dictionary of lists or arrays, all of one length, or a DataFrame.

          A number is a category by its text: 18 and 18.0 are two. None and NaN are absent.
          \"""
          count = len(columns[(CATEGORICAL + NUMERIC + sum(CROSSES, []))[0]])
          features = [{} for _ in range(count)]

          def add(row, name, value):
              at = place(name)
              row[at] = row.get(at, 0.0) + value

          for name in NUMERIC:
              for row, value in zip(features, columns[name]):
                  if value is not None and value == value:
                      add(row, name, float(value))
          for names in [[name] for name in CATEGORICAL] + CROSSES:
              start = "*".join(names) + "="
              for row, *values in zip(features, *(columns[name] for name in names)):
                  texts = [text(value) for value in values]
                  if None not in texts:
                      add(row, start + "\\x1f".join(texts), 1.0)
          width = max(1, max(map(len, features), default=1))
          ids = np.zeros((count, width), np.int32)
          values = np.zeros((count, width), np.float32)
          for r, row in enumerate(features):
              for k, at in enumerate(sorted(row)):
                  ids[r, k], values[r, k] = at, row[at]
          return {"ids": ids, "values": values{offset}}
      """;

  private KerasFeatures() {}

  /** The functions {@code place}, {@code text} and {@code encode}. */
  static String python(FeatureDefinition definition) {
    Optional<String> offset = definition.offset().map(FeatureDefinition.Offset::column);
    return ENCODE
        .replace("{categorical}", list(definition.categorical()))
        .replace("{numeric}", list(definition.numeric()))
        .replace(
            "{crosses}",
            definition.crosses().stream()
                .map(KerasFeatures::list)
                .collect(Collectors.joining(", ", "[", "]")))
        .replace(
            "{offset}",
            offset
                .map(
                    column -> ", \"offset\": np.asarray(columns[" + text(column) + "], np.float32)")
                .orElse(""));
  }

  private static String list(Collection<String> names) {
    return names.stream().map(KerasFeatures::text).collect(Collectors.joining(", ", "[", "]"));
  }

  /** A text as Python writes it, in ASCII. */
  private static String text(String of) {
    StringBuilder text = new StringBuilder("\"");
    of.codePoints()
        .forEach(
            c -> {
              boolean plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
              text.append(plain ? Character.toString(c) : String.format(Locale.ROOT, "\\U%08x", c));
            });
    return text.append('"').toString();
  }
}
