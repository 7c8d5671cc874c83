package dev.cairn.jobs;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaConstructor.CONSTRUCTOR_NAME;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.cairn.checkpoint.Folders;
import java.io.File;
import java.nio.file.Files;
import java.util.Set;

/** The imports that are not allowed in this module; its packages form no circle. */
@AnalyzeClasses(
    packages = "dev.cairn.jobs",
    importOptions = {ImportOption.DoNotIncludeTests.class, ImportOption.DoNotIncludeJars.class})
class ArchitectureTest {
  private static final String ROOT = "dev.cairn.jobs";

  /**
   * The rooms of the other modules that a program may import: their roots, the core's values, the
   * estimators, the scorer.
   */
  private static final Set<String> DOORS =
      Set.of(
          "dev.cairn.checkpoint",
          "dev.cairn.checkpoint.formats",
          "dev.cairn.checkpoint.model",
          "dev.cairn.checkpoint.publish",
          "dev.cairn.checkpoint.savedmodel",
          "dev.cairn.spark",
          "dev.cairn.spark.keras",
          "dev.cairn.spark.listener",
          "dev.cairn.spark.ml",
          "dev.cairn.spark.refresh",
          "dev.cairn.spark.serving",
          "dev.cairn.spark.settings");

  @ArchTest
  static final ArchRule noCircles =
      slices().matching("dev.cairn.jobs.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheDoors =
      noClasses()
          .should()
          .dependOnClassesThat(
              new DescribedPredicate<JavaClass>("lie behind the doors of the other modules") {
                @Override
                public boolean test(JavaClass type) {
                  String name = type.getPackageName();
                  return name.startsWith("dev.cairn.")
                      && !name.startsWith(ROOT)
                      && !DOORS.contains(name);
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

  /** The core deletes. Main takes the folder of its log away if there is nothing in it. */
  @ArchTest
  static final ArchRule onlyMainDeletes =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName(ROOT + ".Main")
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
  static final ArchRule nobodySeesHadoop =
      noClasses().should().dependOnClassesThat().resideInAPackage("org.apache.hadoop..");

  @ArchTest
  static final ArchRule nobodySeesSparksInside =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.spark.network..",
              "org.apache.spark.rpc..",
              "org.apache.spark.deploy..",
              "org.apache.spark.scheduler..",
              "io.netty..")
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching(
              "org\\.apache\\.spark\\.(SparkEnv|SecurityManager|storage\\.BlockManager.*)");

  /** Only the door itself calls the command line. */
  @ArchTest
  static final ArchRule nobodyInsideSeesCli =
      noClasses()
          .that()
          .resideInAnyPackage(ROOT + ".config..", ROOT + ".data..", ROOT + ".show..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(ROOT + ".cli..");

  /** The room imports only the settings of the plugin. */
  @ArchTest
  static final ArchRule configSeesTextsAlone =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".config..")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(
              "java..",
              "org.jspecify..",
              "com.google.errorprone..",
              "org.apache.commons.text..",
              "dev.cairn.spark",
              "dev.cairn.spark.settings",
              ROOT + ".config..");

  /** Numbers come in, text goes out; picocli lays out tables. */
  @ArchTest
  static final ArchRule showSeesTextsAlone =
      noClasses()
          .that()
          .resideInAPackage(ROOT + ".show..")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages(
              "java..",
              "org.jspecify..",
              "com.google.errorprone..",
              "com.fasterxml.jackson..",
              "picocli..",
              ROOT + ".show..");

  @ArchTest
  static final ArchRule onlyCliSeesCheckpoints =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + ".cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.cairn.checkpoint..");

  @ArchTest
  static final ArchRule noJavaSerialisationOfStrangers =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.io.ObjectInputStream");
}
