package dev.cairn.spark.ml;

import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** Helps setters of stages: they return the stage, so that they form chains. */
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
   * Returns the stage.
   *
   * @param <S> the type of the stage itself
   */
  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // whose setter it is says S
  static <S> S self(Params stage) {
    return (S) stage;
  }
}
