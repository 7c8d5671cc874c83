package dev.cairn.checkpoint.model;

/**
 * Element types by TensorFlow's numbers ({@code tensorflow/core/framework/types.proto}). Types of
 * less than a byte take a byte an element on disk, as TensorFlow 2.21 writes them.
 */
public enum DType {
  /** A type of the future: such a variable is listed, but its values cannot be read. */
  UNKNOWN(0, 0),
  FLOAT(1, 4),
  DOUBLE(2, 8),
  INT32(3, 4),
  UINT8(4, 1),
  INT16(5, 2),
  INT8(6, 1),
  STRING(7, 0),
  COMPLEX64(8, 8),
  INT64(9, 8),
  BOOL(10, 1),
  QINT8(11, 1),
  QUINT8(12, 1),
  QINT32(13, 4),
  BFLOAT16(14, 2),
  QINT16(15, 2),
  QUINT16(16, 2),
  UINT16(17, 2),
  COMPLEX128(18, 16),
  HALF(19, 2),
  RESOURCE(20, 0),
  VARIANT(21, 0),
  UINT32(22, 4),
  UINT64(23, 8),
  FLOAT8_E5M2(24, 1),
  FLOAT8_E4M3FN(25, 1),
  FLOAT8_E4M3FNUZ(26, 1),
  FLOAT8_E4M3B11FNUZ(27, 1),
  FLOAT8_E5M2FNUZ(28, 1),
  INT4(29, 1),
  UINT4(30, 1),
  INT2(31, 1),
  UINT2(32, 1),
  FLOAT4_E2M1FN(33, 1);

  private static final DType[] BY_NUMBER = byNumber();

  private final int number;
  private final int elementBytes;

  DType(int number, int elementBytes) {
    this.number = number;
    this.elementBytes = elementBytes;
  }

  private static DType[] byNumber() {
    DType[] table = new DType[values().length];
    for (DType type : values()) {
      table[type.number] = type;
    }
    return table;
  }

  /** TensorFlow's number. */
  public int number() {
    return number;
  }

  /** The bytes of one element on disk; 0 if their number is not fixed, or not known. */
  public int elementBytes() {
    return elementBytes;
  }

  /** Whether TensorFlow can put a tensor of this type together again from several slices. */
  public boolean sliceableInTensorFlow() {
    return switch (this) {
      case FLOAT,
          DOUBLE,
          BFLOAT16,
          INT8,
          INT16,
          INT32,
          INT64,
          UINT8,
          BOOL,
          COMPLEX64,
          COMPLEX128,
          QINT8,
          QUINT8,
          QINT32 ->
          true;
      default -> false;
    };
  }

  /** Whether a number names a type. */
  public static boolean isNumber(int number) {
    return number >= 1 && number < BY_NUMBER.length;
  }

  /** The type of a number; an unknown one is refused. */
  public static DType ofNumber(int number) {
    if (!isNumber(number)) {
      throw new IllegalArgumentException(
          "Cannot name a dtype: expected a number from 1 to "
              + (BY_NUMBER.length - 1)
              + ", found "
              + number);
    }
    return BY_NUMBER[number];
  }
}
