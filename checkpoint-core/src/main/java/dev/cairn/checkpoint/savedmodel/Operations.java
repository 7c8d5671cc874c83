package dev.cairn.checkpoint.savedmodel;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.AttrValue;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.FunctionDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.NodeDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.TensorProto;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The operations of a function: each call adds one of TensorFlow's and returns its result. Shapes
 * are not looked at: TensorFlow broadcasts operands of two shapes as numpy does. Every attribute is
 * written out, so that no default of another version changes what is computed. Not thread-safe.
 */
public abstract class Operations {
  private static final String Z = "z";
  private static final String OUTPUT = "output";

  private final List<NodeDef> nodes = new ArrayList<>();
  private final Set<String> names = new HashSet<>();

  Operations() {}

  /** The operations so far. */
  final List<NodeDef> nodes() {
    return nodes;
  }

  /** A name that nothing else of this function has, as much like the wanted one as can be. */
  final String unique(String wanted) {
    String name = wanted;
    for (int i = 1; !names.add(name); i++) {
      name = wanted + "_" + i;
    }
    return name;
  }

  /** Keeps a function that this one calls, and gives it a name. */
  abstract String helper(String wanted, FunctionDef.Builder function);

  final Tensor operation(
      String op,
      String output,
      DType type,
      List<Tensor> inputs,
      Map<String, AttrValue> attributes) {
    return tensor(addNode(op, inputs, attributes), output, 0, type);
  }

  final String addNode(String op, List<Tensor> inputs, Map<String, AttrValue> attributes) {
    String name = unique(op);
    NodeDef.Builder node = NodeDef.newBuilder().setName(name).setOp(op);
    inputs.forEach(input -> node.addInput(input.name()));
    nodes.add(node.putAllAttr(attributes).build());
    return name;
  }

  static Tensor tensor(String node, String output, int place, DType type) {
    return new Tensor(node + ":" + output + ":" + place, type);
  }

  private Tensor constant(DType type, TensorProto value) {
    return operation(
        "Const",
        OUTPUT,
        type,
        List.of(),
        Map.of("dtype", Protos.attr(type), "value", Protos.attr(value)));
  }

  /** A number. */
  public final Tensor constant(double number) {
    return constant(DType.DOUBLE, Protos.tensor(number));
  }

  /** A whole number of 64 bits. */
  public final Tensor constant(long number) {
    return constant(DType.INT64, Protos.tensor(number));
  }

  /** A whole number of 32 bits, as axes and lengths are. */
  public final Tensor constant(int number) {
    return constant(DType.INT32, Protos.tensor(number));
  }

  /** A text. */
  public final Tensor constant(String text) {
    return constant(DType.STRING, Protos.tensor(text));
  }

  /** A vector of numbers. */
  public final Tensor constant(double[] numbers) {
    return constant(DType.DOUBLE, Protos.tensor(numbers));
  }

  /** A vector of whole numbers of 64 bits. */
  public final Tensor constant(long[] numbers) {
    return constant(DType.INT64, Protos.tensor(numbers));
  }

  /** A vector of whole numbers of 32 bits. */
  public final Tensor constant(int[] numbers) {
    return constant(DType.INT32, Protos.tensor(numbers));
  }

  /** The same numbers as another type; a double is rounded to the nearest float. */
  public final Tensor cast(Tensor x, DType to) {
    if (x.type() == to) {
      return x;
    }
    return operation(
        "Cast",
        "y",
        to,
        List.of(x),
        Map.of(
            "SrcT", Protos.attr(x.type()),
            "DstT", Protos.attr(to),
            "Truncate", Protos.attr(false)));
  }

  private Tensor unary(String op, String output, Tensor x) {
    return operation(op, output, x.type(), List.of(x), Map.of("T", Protos.attr(x.type())));
  }

  private Tensor binary(String op, Tensor a, Tensor b, DType result) {
    same(a, b);
    return operation(op, Z, result, List.of(a, b), Map.of("T", Protos.attr(a.type())));
  }

  private static void same(Tensor a, Tensor b) {
    if (a.type() != b.type()) {
      throw new IllegalArgumentException(
          "Cannot compute: expected two operands of one type, found " + a + " and " + b);
    }
  }

  /** The sum of two tensors. */
  public final Tensor add(Tensor a, Tensor b) {
    return binary("AddV2", a, b, a.type());
  }

  /** The difference of two tensors. */
  public final Tensor subtract(Tensor a, Tensor b) {
    return binary("Sub", a, b, a.type());
  }

  /** The product of two tensors, element by element. */
  public final Tensor multiply(Tensor a, Tensor b) {
    return binary("Mul", a, b, a.type());
  }

  /** The quotient of two tensors; 0 where one divides by 0. */
  public final Tensor divideOrZero(Tensor a, Tensor b) {
    return binary("DivNoNan", a, b, a.type());
  }

  /** The rest of a division, with the sign of the divisor. */
  public final Tensor floorMod(Tensor a, Tensor b) {
    return binary("FloorMod", a, b, a.type());
  }

  /** The greater of two. */
  public final Tensor maximum(Tensor a, Tensor b) {
    return binary("Maximum", a, b, a.type());
  }

  /** The lesser of two. */
  public final Tensor minimum(Tensor a, Tensor b) {
    return binary("Minimum", a, b, a.type());
  }

  final Tensor bits(String op, Tensor a, Tensor b) {
    return binary(op, a, b, a.type());
  }

  /** Whether one is less than the other. */
  public final Tensor less(Tensor a, Tensor b) {
    return binary("Less", a, b, DType.BOOL);
  }

  /** Whether one is greater than the other. */
  public final Tensor greater(Tensor a, Tensor b) {
    return binary("Greater", a, b, DType.BOOL);
  }

  /** Whether both are equal. */
  public final Tensor equal(Tensor a, Tensor b) {
    same(a, b);
    return operation(
        "Equal",
        Z,
        DType.BOOL,
        List.of(a, b),
        Map.of("T", Protos.attr(a.type()), "incompatible_shape_error", Protos.attr(true)));
  }

  /** Whether a number is NaN. */
  public final Tensor isNan(Tensor x) {
    return operation("IsNan", "y", DType.BOOL, List.of(x), Map.of("T", Protos.attr(x.type())));
  }

  /** Whether both are true. */
  public final Tensor and(Tensor a, Tensor b) {
    return operation("LogicalAnd", Z, DType.BOOL, List.of(a, b), Map.of());
  }

  /** Whether it is false. */
  public final Tensor not(Tensor a) {
    return operation("LogicalNot", "y", DType.BOOL, List.of(a), Map.of());
  }

  /** The first where the condition is true, the other where it is not. */
  public final Tensor select(Tensor condition, Tensor yes, Tensor no) {
    same(yes, no);
    return operation(
        "SelectV2",
        OUTPUT,
        yes.type(),
        List.of(condition, yes, no),
        Map.of("T", Protos.attr(yes.type())));
  }

  /** The exponential. */
  public final Tensor exp(Tensor x) {
    return unary("Exp", "y", x);
  }

  /** The logistic function, {@code 1 / (1 + exp(-x))}. */
  public final Tensor sigmoid(Tensor x) {
    return unary("Sigmoid", "y", x);
  }

  /** Exponentials of the rows of a matrix, divided by their sum. */
  public final Tensor softmax(Tensor x) {
    return unary("Softmax", "softmax", x);
  }

  /** The product of two matrices. */
  public final Tensor matrixProduct(Tensor a, Tensor b) {
    same(a, b);
    return operation(
        "MatMul",
        "product",
        a.type(),
        List.of(a, b),
        Map.of(
            "T", Protos.attr(a.type()),
            "transpose_a", Protos.attr(false),
            "transpose_b", Protos.attr(false)));
  }

  private Tensor reduce(String op, DType result, Tensor x, Map<String, AttrValue> more, int... of) {
    Map<String, AttrValue> attributes = new TreeMap<>(more);
    attributes.put("Tidx", Protos.attr(DType.INT32));
    attributes.put("keep_dims", Protos.attr(false));
    return operation(op, OUTPUT, result, List.of(x, constant(of)), attributes);
  }

  /** The sums along axes, which go away. */
  public final Tensor sum(Tensor x, int... axes) {
    return reduce("Sum", x.type(), x, Map.of("T", Protos.attr(x.type())), axes);
  }

  /** The greatest along axes, which go away; the least number of its type where there is none. */
  public final Tensor greatest(Tensor x, int... axes) {
    return reduce("Max", x.type(), x, Map.of("T", Protos.attr(x.type())), axes);
  }

  /** Whether any is true along axes, which go away. */
  public final Tensor any(Tensor x, int... axes) {
    return reduce("Any", DType.BOOL, x, Map.of(), axes);
  }

  /** The place of the greatest number of each row of a matrix, 64 bits. */
  public final Tensor placeOfGreatest(Tensor x) {
    return operation(
        "ArgMax",
        OUTPUT,
        DType.INT64,
        List.of(x, constant(1)),
        Map.of(
            "T", Protos.attr(x.type()),
            "Tidx", Protos.attr(DType.INT32),
            "output_type", Protos.attr(DType.INT64)));
  }

  /** One axis more, of size 1. */
  public final Tensor expand(Tensor x, int axis) {
    return operation(
        "ExpandDims",
        OUTPUT,
        x.type(),
        List.of(x, constant(axis)),
        Map.of("T", Protos.attr(x.type()), "Tdim", Protos.attr(DType.INT32)));
  }

  /** One axis less, which has size 1. */
  public final Tensor squeeze(Tensor x, int axis) {
    return operation(
        "Squeeze",
        OUTPUT,
        x.type(),
        List.of(x),
        Map.of("T", Protos.attr(x.type()), "squeeze_dims", Protos.numbers(axis)));
  }

  /** The sizes of a tensor, 32 bits. */
  public final Tensor shape(Tensor x) {
    return operation(
        "Shape",
        OUTPUT,
        DType.INT32,
        List.of(x),
        Map.of("T", Protos.attr(x.type()), "out_type", Protos.attr(DType.INT32)));
  }

  /** The same elements in another shape, 32 bits; -1 for what is left over. */
  public final Tensor reshape(Tensor x, Tensor shape) {
    return operation(
        "Reshape",
        OUTPUT,
        x.type(),
        List.of(x, shape),
        Map.of("T", Protos.attr(x.type()), "Tshape", Protos.attr(shape.type())));
  }

  /** Tensors of one shape side by side along a new axis. */
  public final Tensor stack(List<Tensor> tensors, int axis) {
    DType type = tensors.get(0).type();
    return operation(
        "Pack",
        OUTPUT,
        type,
        tensors,
        Map.of(
            "N", Protos.attr(tensors.size()),
            "T", Protos.attr(type),
            "axis", Protos.attr((long) axis)));
  }

  /** Tensors one after the other along an axis that they have. */
  public final Tensor concatenate(List<Tensor> tensors, int axis) {
    if (tensors.size() == 1) {
      return tensors.get(0);
    }
    DType type = tensors.get(0).type();
    List<Tensor> inputs = new ArrayList<>(tensors);
    inputs.add(constant(axis));
    return operation(
        "ConcatV2",
        OUTPUT,
        type,
        inputs,
        Map.of(
            "N", Protos.attr(tensors.size()),
            "T", Protos.attr(type),
            "Tidx", Protos.attr(DType.INT32)));
  }

  /** The parts at some places of an axis. */
  public final Tensor gather(Tensor x, Tensor places, int axis) {
    return operation(
        "GatherV2",
        OUTPUT,
        x.type(),
        List.of(x, places, constant(axis)),
        Map.of(
            "Tparams", Protos.attr(x.type()),
            "Tindices", Protos.attr(places.type()),
            "Taxis", Protos.attr(DType.INT32),
            "batch_dims", Protos.attr(0)));
  }

  /** For each number, the count of lesser ones in the same row of {@code sorted}, 32 bits. */
  public final Tensor lowerBound(Tensor sorted, Tensor numbers) {
    same(sorted, numbers);
    return operation(
        "LowerBound",
        OUTPUT,
        DType.INT32,
        List.of(sorted, numbers),
        Map.of("T", Protos.attr(sorted.type()), "out_type", Protos.attr(DType.INT32)));
  }

  /** Texts one after the other; one that is no vector stands in each. */
  public final Tensor join(List<Tensor> texts) {
    return operation(
        "StringJoin",
        OUTPUT,
        DType.STRING,
        texts,
        Map.of("N", Protos.attr(texts.size()), "separator", Protos.attr("")));
  }

  /** The numbers of bytes of texts, 32 bits. */
  public final Tensor bytes(Tensor texts) {
    return operation(
        "StringLength", OUTPUT, DType.INT32, List.of(texts), Map.of("unit", Protos.attr("BYTE")));
  }

  /** The numbers that texts stand for. */
  public final Tensor parse(Tensor texts) {
    return operation(
        "StringToNumber",
        OUTPUT,
        DType.DOUBLE,
        List.of(texts),
        Map.of("out_type", Protos.attr(DType.DOUBLE)));
  }

  /**
   * The bytes of texts as whole numbers of 32 bits, little-endian, along a new last axis.
   *
   * @param length how many bytes of each, a multiple of 4; shorter ones end in zeros
   */
  final Tensor words(Tensor texts, Tensor length) {
    return operation(
        "DecodePaddedRaw",
        OUTPUT,
        DType.INT32,
        List.of(texts, length),
        Map.of("out_type", Protos.attr(DType.INT32), "little_endian", Protos.attr(true)));
  }
}
