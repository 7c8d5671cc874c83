package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.model.DType;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The names that safetensors has for types of numbers. Stateless. */
final class SafetensorsTypes {
  private static final Map<DType, String> NAMES =
      Map.ofEntries(
          Map.entry(DType.BOOL, "BOOL"),
          Map.entry(DType.UINT8, "U8"),
          Map.entry(DType.INT8, "I8"),
          Map.entry(DType.FLOAT8_E5M2, "F8_E5M2"),
          Map.entry(DType.FLOAT8_E4M3FN, "F8_E4M3"),
          Map.entry(DType.INT16, "I16"),
          Map.entry(DType.UINT16, "U16"),
          Map.entry(DType.HALF, "F16"),
          Map.entry(DType.BFLOAT16, "BF16"),
          Map.entry(DType.INT32, "I32"),
          Map.entry(DType.UINT32, "U32"),
          Map.entry(DType.FLOAT, "F32"),
          Map.entry(DType.DOUBLE, "F64"),
          Map.entry(DType.INT64, "I64"),
          Map.entry(DType.UINT64, "U64"),
          Map.entry(DType.COMPLEX64, "C64"));

  private static final Map<String, DType> TYPES = new HashMap<>();

  static {
    NAMES.forEach((type, name) -> TYPES.put(name, type));
  }

  private SafetensorsTypes() {}

  static Optional<String> name(DType type) {
    return Optional.ofNullable(NAMES.get(type));
  }

  static Optional<DType> type(String name) {
    return Optional.ofNullable(TYPES.get(name));
  }
}
