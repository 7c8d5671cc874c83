package dev.cairn.spark;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaConstructor.CONSTRUCTOR_NAME;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.cairn.checkpoint.Folders;
import java.io.File;
import java.nio.file.Files;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The imports that are not allowed in this module; its packages form no circle. */
@AnalyzeClasses(
    packages = "dev.cairn.spark",
    importOptions = {ImportOption.DoNotIncludeTests.class, ImportOption.DoNotIncludeJars.class})
class ArchitectureTest {
  private static final String ROOT = "dev.cairn.spark";

  @ArchTest
  static final ArchRule noCircles = slices().matching("dev.cairn.(**)").should().beFreeOfCycles();

  /**
   * The rooms that each room may import. Data goes in at one end and comes out at the other: ml,
   * trainer, model, coordinator. The driver's side (coordinator) and the executors' (host) do not
   * import each other.
   */
  private static final Map<String, Set<String>> SEES =
      Map.ofEntries(
          Map.entry("optimizer", Set.of()),
          Map.entry("internal", Set.of()),
          Map.entry("metrics", Set.of()),
          Map.entry("data", Set.of()),
          Map.entry("listener", Set.of()),
          Map.entry("settings", Set.of("optimizer")),
          Map.entry("shard", Set.of("optimizer")),
          Map.entry("model", Set.of("data", "shard")),
          Map.entry("transport", Set.of("shard", "internal", "metrics")),
          Map.entry("host", Set.of("transport", "shard", "optimizer", "metrics")),
          Map.entry("coordinator", Set.of("transport", "shard", "optimizer", "metrics")),
          Map.entry("reading", Set.of("coordinator", "transport", "shard", "optimizer")),
          Map.entry("columns", Set.of("data")),
          Map.entry("scoring", Set.of("model", "data", "reading", "trainer")),
          Map.entry("serving", Set.of("model", "data", "shard")),
          Map.entry("refresh", Set.of("ml", "serving", "trainer", "columns", "settings")),
          Map.entry("keras", Set.of("model", "shard", "optimizer")),
          Map.entry(
              "trainer",
              Set.of(
                  "model",
                  "data",
                  "coordinator",
                  "reading",
                  "listener",
                  "transport",
                  "shard",
                  "optimizer",
                  "metrics",
                  "internal")),
          Map.entry(
              "ml",
              Set.of(
                  "",
                  "columns",
                  "scoring",
                  "trainer",
                  "listener",
                  "model",
                  "data",
                  "reading",
                  "coordinator",
                  "optimizer",
                  "settings")));

  /** The root, whose name is empty, has the plugin's two halves: it wires all but ml. */
  @ArchTest
  static void roomsSeeOnlyWhatIsDrawn(JavaClasses classes) {
    Set<String> rooms = new TreeSet<>();
    classes.forEach(type -> rooms.add(room(type)));
    for (String room : rooms) {
      Set<String> sees = room.isEmpty() ? allBut("ml") : SEES.get(room);
      assertNotNull(sees, "room " + room + " is not drawn here: say what it may see");
      noClasses()
          .that(are(room))
          .should()
          .dependOnClassesThat(
              new DescribedPredicate<JavaClass>("lie in rooms other than " + new TreeSet<>(sees)) {
                @Override
                public boolean test(JavaClass type) {
                  return isOurs(type) && !room(type).equals(room) && !sees.contains(room(type));
                }
              })
          .check(classes);
    }
  }

  private static Set<String> allBut(String room) {
    Set<String> all = new TreeSet<>(SEES.keySet());
    all.remove(room);
    return all;
  }

  private static boolean isOurs(JavaClass type) {
    return type.getPackageName().equals(ROOT) || type.getPackageName().startsWith(ROOT + ".");
  }

  /** The first part of a package's name below the root's; empty for the root itself. */
  private static String room(JavaClass type) {
    String name = type.getPackageName();
    return name.equals(ROOT) ? "" : name.substring(ROOT.length() + 1).split("\\.", 2)[0];
  }

  private static DescribedPredicate<JavaClass> are(String room) {
    return new DescribedPredicate<>("are in room '" + room + "'") {
      @Override
      public boolean test(JavaClass type) {
        return isOurs(type) && room(type).equals(room);
      }
    };
  }

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

  /** Arrays and arithmetic: what a test runs without a cluster. */
  @ArchTest
  static final ArchRule parametersKnowNoSpark =
      noClasses()
          .that()
          .resideInAnyPackage(
              ROOT + ".optimizer..",
              ROOT + ".shard..",
              ROOT + ".model..",
              ROOT + ".serving..",
              ROOT + ".keras..",
              ROOT + ".settings..")
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
                      && !name.equals("dev.cairn.checkpoint.model")
                      && !name.equals("dev.cairn.checkpoint.graph")
                      && !name.equals("dev.cairn.checkpoint.concurrent")
                      && !name.equals("dev.cairn.checkpoint.publish")
                      && !name.equals("dev.cairn.checkpoint.savedmodel");
                }
              });

  /** One class makes threads: each has a name, and none keeps a JVM alive. */
  @ArchTest
  static final ArchRule onlyTheCoreMakesThreads =
      noClasses()
          .should()
          .accessTargetWhere(
              target(owner(assignableTo(Thread.class))).and(target(name(CONSTRUCTOR_NAME))))
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.concurrent.Executors")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.util.Timer");

  @ArchTest
  static final ArchRule onlyTransportSeesTheNetwork =
      onlyIn(
          new String[] {ROOT + ".transport..", ROOT + ".internal.."},
          "org.apache.spark.network..",
          "io.netty..");

  @ArchTest
  static final ArchRule onlyMlAndBelowSeeSparkMl =
      onlyIn(
          new String[] {ROOT + ".ml..", ROOT + ".columns..", ROOT + ".scoring.."},
          "org.apache.spark.ml..",
          "org.apache.spark.mllib..");

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

  /** The core deletes. ApplicationFolder has what an application kept for itself deleted. */
  @ArchTest
  static final ArchRule onlyApplicationFolderHasFoldersDeleted =
      noClasses()
          .that()
          .haveNameNotMatching(".*\\.ml\\.ApplicationFolder(\\$.*)?")
          .should()
          .accessTargetWhere(target(owner(assignableTo(Folders.class))).and(target(name("delete"))))
          .orShould()
          .accessTargetWhere(
              target(owner(assignableTo(Files.class))).and(target(nameStartingWith("delete"))))
          .orShould()
          .accessTargetWhere(
              target(owner(assignableTo(File.class))).and(target(nameStartingWith("delete"))));

  /** Storage is the core's business. */
  @ArchTest
  static final ArchRule nobodySeesHadoopsFiles =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.hadoop.fs..", "org.apache.hadoop.hdfs..");

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
