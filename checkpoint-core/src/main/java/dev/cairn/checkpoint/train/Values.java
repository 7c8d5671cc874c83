package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.CheckpointReader;
import dev.cairn.checkpoint.graph.MutableVariable;
import dev.cairn.checkpoint.graph.Restoration;
import dev.cairn.checkpoint.graph.State;
import dev.cairn.checkpoint.graph.StringsVariable;
import dev.cairn.checkpoint.io.RegionSink;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Values on their way from a checkpoint into a program: all are read into fresh memory and compared
 * with their checksums, then all are taken, which cannot fail. So a restore is all or nothing; it
 * takes as much memory as the values once more, until they are taken. Used once, not thread-safe.
 */
final class Values {
  private static final int MOST_THREADS = 8;

  private record Text(StringsVariable variable, VariableSpec stored) {}

  private record Bytes(State state, String key) {}

  private final String path;
  private final CheckpointOptions options;
  private final Map<String, VariableSpec> specs = new LinkedHashMap<>();
  private final Map<String, List<MutableVariable>> numbers = new LinkedHashMap<>();
  private final List<Text> texts = new ArrayList<>();
  private final List<Bytes> states = new ArrayList<>();

  Values(String path, CheckpointOptions options) {
    this.path = path;
    this.options = options;
  }

  void want(Restoration.Match match) {
    VariableSpec stored = match.stored();
    if (match.variable() instanceof MutableVariable mutable) {
      specs.put(stored.key(), stored);
      numbers.computeIfAbsent(stored.key(), key -> new ArrayList<>()).add(mutable);
    } else if (match.variable() instanceof StringsVariable strings) {
      specs.put(stored.key(), stored);
      texts.add(new Text(strings, stored));
    } else {
      throw new IllegalArgumentException(Session.cannotTake(match));
    }
  }

  void want(Restoration.StateMatch match) {
    states.add(new Bytes(match.state(), match.key()));
  }

  /** Reads all, then hands all over. */
  void restore() throws IOException {
    if (specs.isEmpty() && states.isEmpty()) {
      return;
    }
    List<MutableVariable.Incoming> incoming = new ArrayList<>();
    List<List<byte[]>> strings = new ArrayList<>();
    List<byte[]> saved = new ArrayList<>();
    try (CheckpointReader reader = CheckpointReader.open(path, Session.folderOptions(options))) {
      for (VariableSpec spec : specs.values()) {
        if (reader.variable(spec.key()).filter(spec::equals).isEmpty()) {
          throw replaced(spec.toString());
        }
      }
      Map<String, RegionSink> sinks = new LinkedHashMap<>();
      numbers.forEach((key, variables) -> sinks.put(key, sink(variables, incoming)));
      reader.readAll(sinks, Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()));
      for (Text text : texts) {
        strings.add(reader.readStrings(text.stored().key()));
      }
      for (Bytes state : states) {
        List<byte[]> elements = reader.readStrings(state.key());
        if (elements.size() != 1) {
          throw replaced(state.key());
        }
        saved.add(elements.get(0));
      }
    }
    giveStates(saved);
    for (int i = 0; i < strings.size(); i++) {
      texts.get(i).variable().assign(strings.get(i));
    }
    incoming.forEach(MutableVariable.Incoming::take);
  }

  private Mismatch replaced(String what) {
    return new Mismatch(
        "Cannot restore "
            + what
            + ": it is not in the checkpoint any more, which was written anew since the restore"
            + " began (path="
            + path
            + "); restore again");
  }

  private static RegionSink sink(
      List<MutableVariable> variables, List<MutableVariable.Incoming> incoming) {
    List<MutableVariable.Incoming> into = new ArrayList<>();
    variables.forEach(variable -> into.add(variable.incoming()));
    incoming.addAll(into);
    return new RegionSink() {
      @Override
      public void put(long element, ByteBuffer raw) {
        for (MutableVariable.Incoming one : into) {
          one.put(element, raw.duplicate().order(ByteOrder.LITTLE_ENDIAN));
        }
      }

      @Override
      public void wipe(long element, long count) {
        // What is damaged is never taken.
      }
    };
  }

  /** A state may refuse what was stored: then those before it get back what they had. */
  private void giveStates(List<byte[]> saved) {
    List<byte[]> before = new ArrayList<>();
    try {
      for (int i = 0; i < saved.size(); i++) {
        before.add(states.get(i).state().save());
        states.get(i).state().restore(saved.get(i));
      }
    } catch (RuntimeException e) {
      for (int i = 0; i < before.size(); i++) {
        states.get(i).state().restore(before.get(i));
      }
      throw e;
    }
  }
}
