package dev.cairn.checkpoint.savedmodel;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.AttrValue;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.DataType;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.NameAttrList;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.TensorProto;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.TensorShapeProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;

/** Values as TensorFlow's protos. */
final class Protos {
  private Protos() {}

  static DataType type(DType type) {
    DataType known = DataType.forNumber(type.number());
    if (known == null) {
      throw new IllegalArgumentException("Cannot put " + type + " into a SavedModel's graph");
    }
    return known;
  }

  /** A shape; -1 for a dimension of any size. */
  static TensorShapeProto shape(long... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : dims) {
      shape.addDim(TensorShapeProto.Dim.newBuilder().setSize(dim));
    }
    return shape.build();
  }

  static TensorShapeProto shape(Shape shape) {
    return shape(shape.dims());
  }

  static AttrValue attr(DType type) {
    return AttrValue.newBuilder().setType(type(type)).build();
  }

  static AttrValue attr(long number) {
    return AttrValue.newBuilder().setI(number).build();
  }

  static AttrValue attr(boolean truth) {
    return AttrValue.newBuilder().setB(truth).build();
  }

  static AttrValue attr(String text) {
    return AttrValue.newBuilder().setS(ByteString.copyFromUtf8(text)).build();
  }

  static AttrValue attr(TensorShapeProto shape) {
    return AttrValue.newBuilder().setShape(shape).build();
  }

  static AttrValue attr(TensorProto tensor) {
    return AttrValue.newBuilder().setTensor(tensor).build();
  }

  static AttrValue function(String name) {
    return AttrValue.newBuilder().setFunc(NameAttrList.newBuilder().setName(name)).build();
  }

  static AttrValue types(Collection<DType> types) {
    AttrValue.ListValue.Builder list = AttrValue.ListValue.newBuilder();
    types.forEach(type -> list.addType(type(type)));
    return AttrValue.newBuilder().setList(list).build();
  }

  static AttrValue numbers(long... numbers) {
    AttrValue.ListValue.Builder list = AttrValue.ListValue.newBuilder();
    for (long number : numbers) {
      list.addI(number);
    }
    return AttrValue.newBuilder().setList(list).build();
  }

  static AttrValue shapes(Collection<TensorShapeProto> shapes) {
    return AttrValue.newBuilder()
        .setList(AttrValue.ListValue.newBuilder().addAllShape(shapes))
        .build();
  }

  static TensorProto tensor(int number) {
    return numbers(
        DType.INT32, buffer(Integer.BYTES).putInt(number), TensorShapeProto.getDefaultInstance());
  }

  static TensorProto tensor(long number) {
    return numbers(
        DType.INT64, buffer(Long.BYTES).putLong(number), TensorShapeProto.getDefaultInstance());
  }

  static TensorProto tensor(double number) {
    return numbers(
        DType.DOUBLE,
        buffer(Double.BYTES).putDouble(number),
        TensorShapeProto.getDefaultInstance());
  }

  static TensorProto tensor(int[] numbers) {
    ByteBuffer bytes = buffer(Math.multiplyExact(Integer.BYTES, numbers.length));
    bytes.asIntBuffer().put(numbers);
    return numbers(DType.INT32, bytes.position(bytes.capacity()), shape(numbers.length));
  }

  static TensorProto tensor(long[] numbers) {
    ByteBuffer bytes = buffer(Math.multiplyExact(Long.BYTES, numbers.length));
    bytes.asLongBuffer().put(numbers);
    return numbers(DType.INT64, bytes.position(bytes.capacity()), shape(numbers.length));
  }

  static TensorProto tensor(double[] numbers) {
    ByteBuffer bytes = buffer(Math.multiplyExact(Double.BYTES, numbers.length));
    bytes.asDoubleBuffer().put(numbers);
    return numbers(DType.DOUBLE, bytes.position(bytes.capacity()), shape(numbers.length));
  }

  static TensorProto tensor(String text) {
    return TensorProto.newBuilder()
        .setDtype(type(DType.STRING))
        .setTensorShape(TensorShapeProto.getDefaultInstance())
        .addStringVal(ByteString.copyFromUtf8(text))
        .build();
  }

  static TensorProto tensor(Collection<String> texts) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setDtype(type(DType.STRING)).setTensorShape(shape(texts.size()));
    texts.forEach(text -> tensor.addStringVal(ByteString.copyFromUtf8(text)));
    return tensor.build();
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static TensorProto numbers(DType type, ByteBuffer written, TensorShapeProto shape) {
    return TensorProto.newBuilder()
        .setDtype(type(type))
        .setTensorShape(shape)
        .setTensorContent(ByteString.copyFrom(written.flip()))
        .build();
  }

  /** A message in the one form that its hash is taken of: maps in the order of their keys. */
  static byte[] bytes(Message message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot happen: an array has the room that was asked for", e);
    }
    out.checkNoSpaceLeft();
    return bytes;
  }
}
