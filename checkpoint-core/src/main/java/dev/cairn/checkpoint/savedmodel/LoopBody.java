package dev.cairn.checkpoint.savedmodel;

import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.FunctionDef;
import dev.cairn.checkpoint.savedmodel.proto.SavedModelProto.OpDef;
import java.util.ArrayList;
import java.util.List;

/** A function that a loop calls with its variables. Not thread-safe. */
final class LoopBody extends Operations {
  private final OpDef.Builder head = OpDef.newBuilder();
  private final FunctionDef.Builder made = FunctionDef.newBuilder();
  private final List<Tensor> arguments = new ArrayList<>();

  LoopBody(List<Tensor> variables) {
    for (Tensor variable : variables) {
      String name = unique("loop");
      head.addInputArg(argument(name, variable.type()));
      arguments.add(new Tensor(name, variable.type()));
    }
  }

  private static OpDef.ArgDef argument(String name, DType type) {
    return OpDef.ArgDef.newBuilder().setName(name).setType(Protos.type(type)).build();
  }

  /** The variables of the loop at the start of a round. */
  List<Tensor> arguments() {
    return arguments;
  }

  /** The function with these results. */
  FunctionDef.Builder returning(List<Tensor> results) {
    for (int i = 0; i < results.size(); i++) {
      head.addOutputArg(argument("result_" + i, results.get(i).type()));
      made.putRet("result_" + i, results.get(i).name());
    }
    return made.setSignature(head).addAllNodeDef(nodes());
  }

  @Override
  String helper(String wanted, FunctionDef.Builder function) {
    throw new UnsupportedOperationException("a loop within a loop");
  }
}
