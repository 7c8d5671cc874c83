package dev.cairn.spark.ml;

import dev.cairn.spark.settings.Setting;
import dev.cairn.spark.settings.Values;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;
import scala.runtime.AbstractFunction1;

/**
 * Makes Spark ML's parameters from settings: with the setting's name, check and default, and its
 * sentence as the doc.
 */
final class SettingParams {
  private SettingParams() {}

  static IntParam whole(Params owner, Setting<Integer> setting) {
    IntParam param =
        new IntParam(owner, setting.name(), setting.sentence(), Check.<Object, Integer>of(setting));
    setting.defaultValue().ifPresent(value -> owner.setDefault(param, value));
    return param;
  }

  static LongParam wholeLong(Params owner, Setting<Long> setting) {
    LongParam param =
        new LongParam(owner, setting.name(), setting.sentence(), Check.<Object, Long>of(setting));
    setting.defaultValue().ifPresent(value -> owner.setDefault(param, value));
    return param;
  }

  static DoubleParam number(Params owner, Setting<Double> setting) {
    DoubleParam param =
        new DoubleParam(
            owner, setting.name(), setting.sentence(), Check.<Object, Double>of(setting));
    setting.defaultValue().ifPresent(value -> owner.setDefault(param, value));
    return param;
  }

  static BooleanParam flag(Params owner, Setting<Boolean> setting) {
    BooleanParam param = new BooleanParam(owner, setting.name(), setting.sentence());
    setting.defaultValue().ifPresent(value -> owner.setDefault(param, value));
    return param;
  }

  static Param<String> text(Params owner, Setting<String> setting) {
    Param<String> param =
        new Param<>(owner, setting.name(), setting.sentence(), Check.<String, String>of(setting));
    setting.defaultValue().ifPresent(value -> owner.setDefault(param, value));
    return param;
  }

  static StringArrayParam texts(Params owner, Setting<List<String>> setting) {
    StringArrayParam param = new StringArrayParam(owner, setting.name(), setting.sentence());
    setting
        .defaultValue()
        .ifPresent(value -> owner.setDefault(param, value.toArray(String[]::new)));
    return param;
  }

  /**
   * Refuses a value in the setting's own words.
   *
   * @param <A> the type that Scala takes the values for
   * @param <T> their type
   */
  private static final class Check<A, T> extends AbstractFunction1<A, Object>
      implements Serializable {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final Values<T> values;

    private Check(String name, Values<T> values) {
      this.name = name;
      this.values = values;
    }

    static <A, T> Check<A, T> of(Setting<T> setting) {
      return new Check<>(setting.name(), setting.values());
    }

    @Override
    @SuppressWarnings("unchecked") // a parameter of one type has values of that type alone
    public Object apply(A value) {
      if (!values.holds((T) value)) {
        throw new IllegalArgumentException(
            "Cannot use " + name + ": expected " + values.expected() + ", found " + value);
      }
      return true;
    }
  }
}
