package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.savedmodel.SavedModelReader.Argument;
import dev.cairn.checkpoint.savedmodel.SavedModelReader.Described;
import dev.cairn.checkpoint.savedmodel.SavedModelReader.MetaGraph;
import dev.cairn.checkpoint.savedmodel.Signature;
import dev.cairn.jobs.show.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What can be called in a SavedModel, for {@code inspect}. */
final class SignatureTable {
  private SignatureTable() {}

  /** Of each graph its tags and a table of all inputs and outputs; a free size is {@code ?}. */
  static List<String> lines(List<MetaGraph> graphs) {
    List<String> lines = new ArrayList<>();
    for (MetaGraph graph : graphs) {
      lines.add("");
      lines.add("tags        " + String.join(", ", graph.tags()));
      lines.add("written by  " + writer(graph));
      if (graph.signatures().isEmpty()) {
        lines.add("signatures  none");
        continue;
      }
      TextTable table = new TextTable("signature", "", "name", "dtype", "shape", "tensor");
      for (Described signature : graph.signatures()) {
        String name = signature.name();
        for (Argument input : signature.inputs()) {
          row(table, name, "in", input);
          name = "";
        }
        for (Argument output : signature.outputs()) {
          row(table, name, "out", output);
          name = "";
        }
      }
      lines.add("");
      lines.addAll(table.lines());
    }
    return lines;
  }

  private static String writer(MetaGraph graph) {
    return graph.tensorFlow().isEmpty()
        ? "a program that tells no version of TensorFlow"
        : "TensorFlow " + graph.tensorFlow();
  }

  private static void row(TextTable table, String signature, String way, Argument argument) {
    String shape =
        argument
            .dims()
            .map(
                dims ->
                    dims.stream()
                        .map(dim -> dim == Signature.FREE ? "?" : Long.toString(dim))
                        .collect(Collectors.joining(",", "[", "]")))
            .orElse("?");
    table.row(signature, way, argument.name(), argument.type().name(), shape, argument.tensor());
  }

  /** Does the same for programs; a free size is -1, of a free rank there is no shape. */
  static void fill(ArrayNode list, List<MetaGraph> graphs) {
    for (MetaGraph graph : graphs) {
      ObjectNode node = list.addObject();
      graph.tags().forEach(node.putArray("tags")::add);
      node.put("tensorflow", graph.tensorFlow());
      ArrayNode signatures = node.putArray("signatures");
      for (Described signature : graph.signatures()) {
        ObjectNode one = signatures.addObject().put("name", signature.name());
        fill(one.putArray("inputs"), one.putArray("outputs"), signature);
      }
    }
  }

  private static void fill(ArrayNode inputs, ArrayNode outputs, Described signature) {
    signature.inputs().forEach(input -> fill(inputs.addObject(), input));
    signature.outputs().forEach(output -> fill(outputs.addObject(), output));
  }

  private static void fill(ObjectNode node, Argument argument) {
    node.put("name", argument.name()).put("dtype", argument.type().name());
    node.put("tensor", argument.tensor());
    argument.dims().ifPresent(dims -> dims.forEach(node.putArray("shape")::add));
  }
}
