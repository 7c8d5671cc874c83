package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.FolderOptions;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.publish.ModelVersion;
import dev.cairn.spark.serving.MlflowModel;
import dev.cairn.spark.serving.MlflowRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What {@code publish --mlflow DIR} does besides publishing. */
final class MlflowTarget {
  private static final String TOKEN = "MLFLOW_TRACKING_TOKEN";

  private MlflowTarget() {}

  /**
   * What was done.
   *
   * @param name of the registered model; empty if none was asked for
   * @param version the server's number
   */
  record Told(String folder, String name, String version) {
    void put(ObjectNode tree) {
      ObjectNode node = tree.putObject("mlflow").put("path", folder);
      if (!name.isEmpty()) {
        node.put("name", name).put("version", version);
      }
    }

    String line() {
      return "For MLflow: "
          + ReportFile.shown(folder)
          + (name.isEmpty() ? "" : ", registered as version " + version + " of " + name);
    }
  }

  /**
   * Writes the folder, and registers it if a server is named. A folder that is there already is
   * refused, unless this version was written into it.
   */
  static Told write(
      ModelVersion version,
      String target,
      String registry,
      String name,
      List<String> aliases,
      FolderOptions options)
      throws IOException {
    Optional<MlflowRegistry> server =
        registry.isEmpty()
            ? Optional.empty()
            : Optional.of(new MlflowRegistry(registry, Optional.ofNullable(System.getenv(TOKEN))));
    String folder = Folders.qualify(target, options);
    if (!MlflowModel.isOf(version, folder, options)) {
      folder = MlflowModel.write(version, target, options);
    }
    if (server.isEmpty()) {
      return new Told(folder, "", "");
    }
    String number = server.get().register(name, folder, version.record(), aliases);
    return new Told(folder, name, number);
  }
}
