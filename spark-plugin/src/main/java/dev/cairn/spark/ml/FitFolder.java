package dev.cairn.spark.ml;

import dev.cairn.checkpoint.model.ModelDefinition;
import dev.cairn.spark.trainer.TrainingSettings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/**
 * The name of the folder that one fit has for itself: a function of everything that decides the
 * model, so that two fits share a folder if and only if they give the same model. It is a pure
 * function, but for fits that are to begin anew.
 */
final class FitFolder {
  /** Uids that Spark makes up: they differ in every run of a program, so they identify nothing. */
  private static final String RANDOM_UID = "cairn_[a-z]+_[0-9a-f]{12}";

  private FitFolder() {}

  /**
   * The name.
   *
   * @param model the model that is trained
   * @param data fingerprint of the rows, held-out ones included
   */
  static String name(String uid, ModelDefinition model, TrainingSettings settings, String data) {
    StringBuilder all = new StringBuilder().append(model).append('\n');
    for (Map.Entry<String, String> entry : settings.configuration().entrySet()) {
      all.append(entry.getKey()).append('=').append(entry.getValue()).append('\n');
    }
    all.append(
        String.format(
            Locale.ROOT,
            "data=%s\nepochs=%d\nsteps=%d\nfrom=%s\n%s",
            data,
            settings.maxEpochs(),
            settings.maxSteps(),
            settings.resume().from(),
            settings.stopping()));
    String name = (uid.matches(RANDOM_UID) ? "fit" : clean(uid)) + "-" + hash(all.toString());
    return settings.resume().on() ? name : name + "-" + UUID.randomUUID();
  }

  private static String clean(String uid) {
    String plain = uid.replaceAll("[^A-Za-z0-9_.-]", "_");
    return plain.equals(uid) ? uid : plain + "_" + hash(uid).substring(0, 6);
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 10);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
