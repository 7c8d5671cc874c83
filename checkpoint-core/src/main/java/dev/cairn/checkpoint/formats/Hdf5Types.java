package dev.cairn.checkpoint.formats;

import dev.cairn.checkpoint.model.DType;
import io.jhdf.api.Attribute;
import io.jhdf.api.Dataset;
import io.jhdf.object.datatype.DataType;
import io.jhdf.object.datatype.EnumDataType;
import io.jhdf.object.datatype.FixedPoint;
import io.jhdf.object.datatype.FloatingPoint;
import io.jhdf.object.datatype.OpaqueDataType;
import io.jhdf.object.datatype.OrderedDataType;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.Set;

/** What HDF5's types are in TensorFlow. Stateless. */
final class Hdf5Types {
  private static final int HALF_EXPONENT = 5;
  private static final int BFLOAT16_EXPONENT = 8;

  private Hdf5Types() {}

  /** The type of a data set's elements; empty if they are no numbers that TensorFlow has. */
  static Optional<DType> of(Dataset dataset) {
    DataType type = dataset.getDataType();
    if (type.getSize() == DType.BFLOAT16.elementBytes() && isNamedBfloat16(dataset)) {
      return type instanceof FloatingPoint || type instanceof OpaqueDataType
          ? Optional.of(DType.BFLOAT16)
          : Optional.empty();
    }
    if (type instanceof FixedPoint fixed) {
      return fixed(fixed.getSize(), fixed.isSigned());
    }
    if (type instanceof FloatingPoint floating) {
      return floating(floating);
    }
    if (type instanceof EnumDataType truth
        && truth.getSize() == 1
        && Set.copyOf(truth.getEnumMapping().values()).equals(Set.of("FALSE", "TRUE"))) {
      return Optional.of(DType.BOOL);
    }
    return Optional.empty();
  }

  /** Keras's own mark; what lies under it is what NumPy makes of the type. */
  private static boolean isNamedBfloat16(Dataset dataset) {
    Attribute attribute = dataset.getAttribute("dtype");
    return attribute != null && "bfloat16".equals(attribute.getData());
  }

  private static Optional<DType> fixed(int bytes, boolean signed) {
    return switch (bytes) {
      case 1 -> Optional.of(signed ? DType.INT8 : DType.UINT8);
      case 2 -> Optional.of(signed ? DType.INT16 : DType.UINT16);
      case 4 -> Optional.of(signed ? DType.INT32 : DType.UINT32);
      case 8 -> Optional.of(signed ? DType.INT64 : DType.UINT64);
      default -> Optional.empty();
    };
  }

  private static Optional<DType> floating(FloatingPoint type) {
    return switch (type.getSize()) {
      case 2 ->
          switch (type.getExponentSize()) {
            case HALF_EXPONENT -> Optional.of(DType.HALF);
            case BFLOAT16_EXPONENT -> Optional.of(DType.BFLOAT16);
            default -> Optional.empty();
          };
      case 4 -> Optional.of(DType.FLOAT);
      case 8 -> Optional.of(DType.DOUBLE);
      default -> Optional.empty();
    };
  }

  /** Whether the most significant byte of an element comes first. */
  static boolean isBigEndian(Dataset dataset) {
    return dataset.getDataType() instanceof OrderedDataType ordered
        && ordered.getByteOrder() == ByteOrder.BIG_ENDIAN;
  }
}
