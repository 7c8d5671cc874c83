package dev.cairn.spark.ml;

import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import scala.Function1;

/** What the setters of stages have in common: they return the stage, so that they form chains. */
final class Setters {
  private Setters() {}

  /**
   * Sets a parameter.
   *
   * @param <S> the type of the stage itself
   */
  @SuppressWarnings("TypeParameterUnusedInFormals") // whose setter it is says S
  static <S, T> S with(Params stage, Param<T> param, T value) {
    stage.set(param, value);
    return self(stage);
  }

  /**
   * The stage.
   *
   * @param <S> the type of the stage itself
   */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // whose setter it is says S
  static <S> S self(Params stage) {
    return (S) stage;
  }

  /**
   * A parameter that is one of some words, in upper or lower case.
   *
   * @param doc what it is, without the words
   */
  static Param<String> choice(Params stage, String name, String doc, List<String> words) {
    Function1<String, Object> valid = value -> words.stream().anyMatch(value::equalsIgnoreCase);
    return new Param<>(stage, name, doc + ": " + String.join(", ", words), valid);
  }
}
