package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.model.DType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** NumPy's names for types of numbers, such as {@code <f4}. Stateless. */
final class NpyTypes {
  private static final Map<DType, String> CODES =
      Map.ofEntries(
          Map.entry(DType.BOOL, "b1"),
          Map.entry(DType.INT8, "i1"),
          Map.entry(DType.UINT8, "u1"),
          Map.entry(DType.INT16, "i2"),
          Map.entry(DType.UINT16, "u2"),
          Map.entry(DType.HALF, "f2"),
          Map.entry(DType.INT32, "i4"),
          Map.entry(DType.UINT32, "u4"),
          Map.entry(DType.FLOAT, "f4"),
          Map.entry(DType.INT64, "i8"),
          Map.entry(DType.UINT64, "u8"),
          Map.entry(DType.DOUBLE, "f8"),
          Map.entry(DType.COMPLEX64, "c8"),
          Map.entry(DType.COMPLEX128, "c16"));

  private static final Map<String, DType> TYPES = new HashMap<>();

  static {
    CODES.forEach((type, code) -> TYPES.put(code, type));
  }

  private NpyTypes() {}

  /** A type as it is written: NumPy has no bfloat16, whose values are floats with fewer bits. */
  static DType written(DType type) {
    return type == DType.BFLOAT16 ? DType.FLOAT : type;
  }

  /** The description of a type, little-endian. */
  static Optional<String> describe(DType type) {
    return Optional.ofNullable(CODES.get(type))
        .map(code -> (type.elementBytes() == 1 ? "|" : "<") + code);
  }

  /** The type that a description means, whatever its order of bytes. */
  static Optional<DType> type(String description) {
    return description.length() < 2 || "<>|=".indexOf(description.charAt(0)) < 0
        ? Optional.empty()
        : Optional.ofNullable(TYPES.get(description.substring(1)));
  }

  /** How many bytes are turned round together: a complex number is two. */
  static int swappedBytes(DType type) {
    return type == DType.COMPLEX64 || type == DType.COMPLEX128
        ? type.elementBytes() / 2
        : type.elementBytes();
  }
}
