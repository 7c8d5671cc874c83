package dev.cairn.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.cairn.spark.SparkMaster.Kind;
import org.apache.spark.SparkConf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the place of executors by masters. */
class SparkMasterTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "local; LOCAL; 1",
        "local[*]; LOCAL; 1",
        "local[4, 2]; LOCAL; 1",
        "local-cluster[3,1,1024]; LOCAL_CLUSTER; 3",
        "local-cluster[ 12 , 1, 1024]; LOCAL_CLUSTER; 12",
        "local-cluster[many]; LOCAL_CLUSTER; 1",
        "spark://local:7077; CLUSTER; 1",
        "yarn; CLUSTER; 1",
        "''; CLUSTER; 1"
      })
  void isRead(String master, Kind kind, int executors) {
    assertEquals(new SparkMaster(kind, executors), SparkMaster.of(master));
    SparkConf conf = new SparkConf(false).set(SparkMaster.KEY, master);
    assertEquals(new SparkMaster(kind, executors), SparkMaster.of(conf));
  }

  @ParameterizedTest
  @CsvSource({"1, 512", "40, 2048"})
  void isWritten(int executors, long mib) {
    SparkMaster read = SparkMaster.of(SparkMaster.localCluster(executors, mib));
    assertEquals(new SparkMaster(Kind.LOCAL_CLUSTER, executors), read);
  }
}
