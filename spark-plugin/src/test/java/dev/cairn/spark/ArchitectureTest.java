package dev.cairn.spark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who never imports whom in this module, and that its packages form no circle. */
@AnalyzeClasses(
    packages = "dev.cairn.spark",
    importOptions = {ImportOption.DoNotIncludeTests.class, ImportOption.DoNotIncludeJars.class})
class ArchitectureTest {
  private static final String ROOT = "dev.cairn.spark";

  @ArchTest
  static final ArchRule noCircles = slices().matching("dev.cairn.(**)").should().beFreeOfCycles();

  /** Data goes in at one end and comes out at the other: ml, ui; trainer; coordinator; ... */
  @ArchTest
  static final ArchRule shardSeesNobody =
      without(
          "shard",
          "transport..",
          "coordinator..",
          "reading..",
          "trainer..",
          "ml..",
          "ui..",
          "internal..");

  @ArchTest
  static final ArchRule transportSeesShard =
      without("transport", "coordinator..", "reading..", "trainer..", "ml..", "ui..");

  @ArchTest
  static final ArchRule coordinatorSeesTransport =
      without("coordinator", "reading..", "trainer..", "ml..", "ui..");

  @ArchTest
  static final ArchRule readingSeesCoordinator = without("reading", "trainer..", "ml..", "ui..");

  @ArchTest static final ArchRule trainerSeesCoordinator = without("trainer", "ml..", "ui..");

  @ArchTest
  static final ArchRule internalSeesNobody =
      without(
          "internal",
          "shard..",
          "transport..",
          "coordinator..",
          "reading..",
          "trainer..",
          "ml..",
          "ui..");

  /** Metrics are written by all and know nobody; only this room and the root see Spark's kind. */
  @ArchTest
  static final ArchRule metricsSeeNobody =
      without(
          "metrics",
          "shard..",
          "transport..",
          "coordinator..",
          "trainer..",
          "ml..",
          "ui..",
          "internal..");

  @ArchTest
  static final ArchRule metricsKnowNoSpark =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".metrics..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "scala..", "io.netty..", "org.apache.hadoop..");

  @ArchTest
  static final ArchRule onlyMetricsAndTheRootSeeTheRegistry =
      onlyIn(new String[] {ROOT, ROOT + ".metrics.."}, "com.codahale.metrics..");

  @ArchTest static final ArchRule shardKnowsNoMetrics = without("shard", "metrics..");

  @ArchTest
  static final ArchRule shardKnowsNoSpark =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".shard..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark..", "scala..", "io.netty..", "org.apache.hadoop..");

  @ArchTest
  static final ArchRule onlyTheCoresDoors =
      noClasses()
          .should()
          .dependOnClassesThat(
              new DescribedPredicate<JavaClass>("lie behind the doors of checkpoint-core") {
                @Override
                public boolean test(JavaClass type) {
                  String name = type.getPackageName();
                  return name.startsWith("dev.cairn.checkpoint.")
                      && !name.equals("dev.cairn.checkpoint.model");
                }
              });

  @ArchTest
  static final ArchRule onlyTransportSeesTheNetwork =
      onlyIn(
          new String[] {ROOT + ".transport..", ROOT + ".internal.."},
          "org.apache.spark.network..",
          "io.netty..");

  @ArchTest
  static final ArchRule onlyMlSeesSparkMl =
      onlyIn(new String[] {ROOT + ".ml.."}, "org.apache.spark.ml..", "org.apache.spark.mllib..");

  @ArchTest
  static final ArchRule onlyTheRootSeesThePluginApi =
      onlyIn(new String[] {ROOT, ROOT + ".internal.."}, "org.apache.spark.api.plugin..");

  @ArchTest
  static final ArchRule onlyInternalSeesPrivateSpark =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT, ROOT + ".internal..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.spark.rpc..", "org.apache.spark.deploy..")
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching(
              "org\\.apache\\.spark\\.(SparkEnv|SecurityManager|storage\\.BlockManager.*)")
          .allowEmptyShould(true);

  /** Storage is the core's business. */
  @ArchTest
  static final ArchRule nobodySeesHadoopsFiles =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.hadoop.fs..", "org.apache.hadoop.hdfs..");

  private static ArchRule without(String from, String... rooms) {
    String[] packages = new String[rooms.length];
    for (int i = 0; i < rooms.length; i++) {
      packages[i] = ROOT + "." + rooms[i];
    }
    return noClasses()
        .that()
        .resideInAPackage(ROOT + "." + from + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages)
        .allowEmptyShould(true);
  }

  private static ArchRule onlyIn(String[] rooms, String... packages) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(rooms)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(packages)
        .allowEmptyShould(true);
  }
}
