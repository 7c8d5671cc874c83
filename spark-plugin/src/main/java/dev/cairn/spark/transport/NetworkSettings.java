package dev.cairn.spark.transport;

import dev.cairn.spark.internal.SparkInternals;
import java.time.Duration;
import org.apache.spark.network.sasl.SecretKeyHolder;
import org.apache.spark.network.util.TransportConf;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the network to other JVMs of the application.
 *
 * @param conf Spark's transport settings
 * @param secrets holds the application's secret, null when {@code spark.authenticate} is off
 * @param secretUser the name of the secret
 * @param peerTimeout a peer that gives no sign of life for that long counts as gone
 */
public record NetworkSettings(
    TransportConf conf,
    @Nullable SecretKeyHolder secrets,
    String secretUser,
    Duration peerTimeout) {

  /** The settings of the Spark application that runs in this JVM. */
  public static NetworkSettings ofSpark(Duration peerTimeout) {
    return new NetworkSettings(
        SparkInternals.transportConf(peerTimeout),
        SparkInternals.secrets(),
        SparkInternals.secretUser(),
        peerTimeout);
  }
}
