package dev.cairn.checkpoint.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.FeatureDefinition;
import dev.cairn.checkpoint.model.FeatureScales;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Names and types, as far as they are checked before TensorFlow is asked. */
class SignatureTest {
  @Test
  void namesAreThoseThatTensorFlowTakes() {
    assertEquals("origin", Signature.argumentName("origin"));
    assertEquals("dep__time", Signature.argumentName("dep. time"));
    assertEquals("arg_2nd", Signature.argumentName("2nd"));
    assertEquals("arg__x", Signature.argumentName("_x"));
    assertEquals("arg___", Signature.argumentName("\u6771\u4eac"));
    Signature signature = new Signature(Signature.DEFAULT);
    Tensor x = signature.input("x", DType.FLOAT, Signature.FREE);
    refused("two inputs", () -> signature.input("x", DType.FLOAT));
    refused("expected a_b", () -> signature.input("a b", DType.FLOAT));
    signature.output("y", x, Signature.FREE);
    refused("two outputs", () -> signature.output("y", x));
    refused("letters, digits", () -> new Signature("serving default"));
    refused("of one type", () -> signature.add(x, signature.constant(1.0)));
  }

  /** Columns whose plain names are the same are told apart, and one name is never another's. */
  @Test
  void columnsOfOnePlainNameAreTwoInputs() {
    FeatureDefinition definition =
        new FeatureDefinition(
            List.of(),
            List.of("a b", "a.b", "a_b_1"),
            List.of("a-b"),
            List.of(),
            8,
            Optional.empty(),
            FeatureDefinition.Nulls.ABSENT);
    Signature signature = new Signature("columns");
    RowFeatures unused = RowFeatures.ofColumns(signature, definition, FeatureScales.NONE, true);
    assertEquals(
        List.of("a_b", "a_b_1", "a_b_1_1", "a_b_2"),
        signature.inputNames().stream().sorted().toList());
  }

  private static void refused(String part, org.junit.jupiter.api.function.Executable call) {
    String said = String.valueOf(assertThrows(IllegalArgumentException.class, call).getMessage());
    assertTrue(said.contains(part), said);
  }
}
