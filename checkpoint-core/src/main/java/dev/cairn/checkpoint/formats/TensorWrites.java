package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.io.Pieces;
import dev.cairn.checkpoint.model.CheckpointException.Corrupt;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.IOException;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Predicate;

/** What all writers of files do. Stateless. */
final class TensorWrites {
  private static final int LISTED = 10;

  private TensorWrites() {}

  /** The bytes of a tensor's elements. */
  static long bytes(VariableSpec tensor) {
    return Math.multiplyExact(tensor.shape().elements(), tensor.dtype().elementBytes());
  }

  /**
   * Copies a tensor.
   *
   * @throws Corrupt if the source hands out more or fewer bytes than its shape says
   */
  static void copy(TensorSource source, VariableSpec tensor, Pieces into) throws IOException {
    long[] found = new long[1];
    source.read(
        tensor,
        piece -> {
          found[0] += piece.remaining();
          into.take(piece);
        });
    if (found[0] != bytes(tensor)) {
      throw new Corrupt(
          "Cannot copy tensor "
              + tensor
              + ": expected "
              + bytes(tensor)
              + " bytes, found "
              + found[0]
              + " (path="
              + source.path()
              + ")");
    }
  }

  /**
   * Refuses types that a format lacks, all at once, before anything is written.
   *
   * @param format for messages
   */
  static void requireTypes(TensorSource source, String format, Predicate<DType> has)
      throws Mismatch {
    List<VariableSpec> wrong =
        source.tensors().stream().filter(tensor -> !has.test(tensor.dtype())).toList();
    if (!wrong.isEmpty()) {
      List<String> some = wrong.stream().limit(LISTED).map(VariableSpec::toString).toList();
      throw new Mismatch(
          "Cannot write "
              + format
              + ": it has no such type: "
              + String.join(", ", some)
              + (wrong.size() > LISTED ? " and " + (wrong.size() - LISTED) + " more" : "")
              + " (path="
              + source.path()
              + "); choose another format");
    }
  }

  /** Refuses names that are no text: a key of TensorFlow may have any bytes. */
  static void requireText(String name, TensorSource source) throws Mismatch {
    try {
      StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name));
    } catch (CharacterCodingException e) {
      throw new Mismatch(
          "Cannot write tensor "
              + name
              + ": expected a name in Unicode, found other bytes (path="
              + source.path()
              + "); rename it");
    }
  }
}
