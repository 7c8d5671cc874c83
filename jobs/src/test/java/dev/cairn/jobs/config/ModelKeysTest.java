package dev.cairn.jobs.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the keys of each model, and the kind of its labels. */
final class ModelKeysTest {
  private static TrainConf conf(String... words) {
    List<String> all = new ArrayList<>(List.of("input=rows.csv", "checkpoint.dir=run"));
    all.addAll(List.of(words));
    return TrainConfLoader.of(all);
  }

  @ParameterizedTest
  @CsvSource({
    "model=logistic, model.loss=, BINARY",
    "model=softmax, model.loss=, CLASSES",
    "model=linear, model.loss=huber, NUMBERS",
    "model=linear, model.loss=poisson, COUNTS",
    "model=svm, model.loss=squaredHinge, BINARY",
    "model=fm, model.factor-size=4, BINARY",
    "model=fm-regression, model.fit-linear=false, NUMBERS",
  })
  void labelsFollowFromTheModel(String model, String more, ModelKeys.Labels labels) {
    TrainConf conf = conf(model, more);
    assertEquals(labels, ModelKeys.labels(conf));
    assertEquals(labels == ModelKeys.Labels.BINARY, ModelKeys.binary(conf));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "model=perceptron | train.seed=1 | Cannot use model: expected",
        "model=logistic | model.loss=hinge | Cannot use model.loss: expected no loss for"
            + " model=logistic, found hinge (model.loss, command line)",
        "model=svm | model.loss=poisson | expected hinge or squaredHinge for model=svm",
        "model=linear | model.epsilon=2 | expected model=linear with model.loss=huber",
        "model=softmax | model.factor-size=8 | expected model=fm or model=fm-regression, found"
            + " model=softmax (model.factor-size, command line)",
        "model=softmax | label.positive=yes | expected a model of two classes, found"
            + " model=softmax",
        "model=softmax | train.offset=ln(e) | Cannot use train.offset: expected a model with one"
            + " margin a row, found model=softmax (train.offset, command line)",
        "model=fm-regression | class.weight=balanced | expected a model of two classes",
        "model=fm | model.factor-size=0 | Cannot use model.factor-size: expected",
        "model=fm | model.init-std=0 | Cannot use model.init-std: expected",
      })
  void whatAModelDoesNotHaveIsRefusedByName(String model, String more, String message) {
    JobException e = assertThrows(JobException.class, () -> conf(model, more));
    assertTrue(String.valueOf(e.getMessage()).contains(message), e::getMessage);
  }

  @Test
  void logisticRegressionIsTheDefault() {
    assertEquals("logistic", conf().get(ModelKeys.MODEL));
  }
}
