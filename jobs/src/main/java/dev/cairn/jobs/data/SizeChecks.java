package dev.cairn.jobs.data;

import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.ModelKeys;
import dev.cairn.jobs.config.RefreshKeys;
import dev.cairn.jobs.config.ScheduleKeys;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;

/** Checks that there are enough rows on each side, and both labels to learn. */
final class SizeChecks {
  private final TrainConf conf;

  SizeChecks(TrainConf conf) {
    this.conf = conf;
  }

  /**
   * Checks the numbers of rows.
   *
   * @param rows all that were chosen, before any was left out
   */
  void check(long rows, Counts train, Counts test, long validation) {
    checkChosen(rows);
    if (train.rows() == 0 && test.rows() == 0 && validation == 0) {
      throw new JobException(
          Text.format(
              "Cannot train: every row was left out, expected some that can be used, found none"
                  + " (path=%s, %s)",
              conf.get(TrainConf.INPUT), conf.place(TrainConf.INPUT.name())));
    }
    if (train.rows() == 0) {
      throw new JobException(
          Text.format(
              "Cannot train: split.test (and split.validation) keeps every row out of training,"
                  + " expected some rows left, found all %,d of them in the test or in validation"
                  + " %s",
              test.rows() + validation, conf.where(TrainConf.TEST)));
    }
    if (test.rows() == 0 && !conf.get(TrainConf.TEST).isEmpty()) {
      throw new JobException(
          Text.format(
              "Cannot judge the model: no row meets split.test, expected some, found 0 of %,d;"
                  + " correct it or leave it empty %s",
              train.rows(), conf.where(TrainConf.TEST)));
    }
    if (validation == 0 && !conf.get(ScheduleKeys.VALIDATION).isEmpty()) {
      throw new JobException(
          Text.format(
              "Cannot judge while training: no row meets split.validation, expected some, found 0"
                  + " of %,d; correct it or leave it empty %s",
              train.rows(), conf.where(ScheduleKeys.VALIDATION)));
    }
    int partitions = conf.get(TrainConf.PARTITIONS);
    if (partitions > train.rows()) {
      throw new JobException(
          Text.format(
              "Cannot split the data: expected at least one row for each of the %d partitions,"
                  + " found %d rows; lower train.partitions %s",
              partitions, train.rows(), conf.where(TrainConf.PARTITIONS)));
    }
    boolean one = train.positive() == 0 || train.positive() == train.rows();
    if (ModelKeys.binary(conf) && one) {
      throw new JobException(
          Text.format(
              "Cannot train: all %,d training rows have label %d, expected both labels; correct the"
                  + " data or the expression, here label = %s%s %s",
              train.rows(),
              train.positive() == 0 ? 0 : 1,
              conf.get(TrainConf.LABEL),
              conf.get(TrainConf.LABEL_POSITIVE).isEmpty()
                  ? ""
                  : " with label.positive = " + conf.get(TrainConf.LABEL_POSITIVE),
              conf.where(TrainConf.LABEL)));
    }
  }

  private void checkChosen(long rows) {
    boolean chosen = conf.isSet(RefreshKeys.WHERE) && !conf.get(RefreshKeys.WHERE).isEmpty();
    if (rows == 0 && chosen) {
      throw new JobException(
          Text.format(
              "Cannot refresh a model: no row of the input meets refresh.where = %s, expected new"
                  + " rows, found none; correct the condition, or wait until the rows are there"
                  + " (path=%s) %s",
              conf.get(RefreshKeys.WHERE),
              conf.get(TrainConf.INPUT),
              conf.where(RefreshKeys.WHERE)));
    }
  }
}
