package dev.cairn.checkpoint;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaConstructor.CONSTRUCTOR_NAME;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameStartingWith;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.cairn.checkpoint.retention.FolderTree;
import dev.cairn.checkpoint.store.CheckpointStore;
import java.io.File;
import java.nio.file.Files;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The imports that are not allowed within this module. */
class ArchitectureTest {

  private static final String BASE = "dev.cairn.checkpoint";

  /**
   * The rooms that use the public classes themselves: tf.train's objects, other formats, models
   * that are served.
   */
  private static final String[] ABOVE = {
    BASE + ".train..",
    BASE + ".keras..",
    BASE + ".formats..",
    BASE + ".savedmodel..",
    BASE + ".publish.."
  };

  private static final DescribedPredicate<JavaAccess<?>> DELETES =
      target(nameStartingWith("delete"));

  private final JavaClasses classes =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(BASE);

  private void hold(ArchRule rule) {
    rule.allowEmptyShould(true).check(classes);
  }

  @Test
  void packagesHaveNoCircles() {
    hold(slices().matching(BASE + ".(*)..").should().beFreeOfCycles());
    hold(
        noClasses()
            .that()
            .resideInAPackage(BASE + ".*..")
            .and()
            .resideOutsideOfPackages(ABOVE)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(BASE)
            .because("the root is the door: nothing inside leans on it"));
    hold(
        noClasses()
            .that()
            .resideOutsideOfPackages(ABOVE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ABOVE)
            .because("what stands before the door is nothing that the house leans on"));
  }

  @Test
  void modelImportsTheJdkAlone() {
    hold(
        noClasses()
            .that()
            .resideInAPackage(BASE + ".model..")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages(
                "java..", "org.jspecify..", "com.google.errorprone..", BASE + ".model.."));
  }

  /** The graph is values and TensorFlow's format, without files and without the protocol. */
  @Test
  void graphImportsModelAndBundleOnly() {
    hold(
        noClasses()
            .that()
            .resideInAPackage(BASE + ".graph..")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages(
                "java..",
                "org.jspecify..",
                "com.google.errorprone..",
                "com.google.protobuf..",
                BASE + ".model..",
                BASE + ".bundle..",
                BASE + ".graph.."));
  }

  /** Only these rooms import protoc's classes, which have setters of everything. */
  @Test
  void fewSeeProtos() {
    hold(
        noClasses()
            .that()
            .resideOutsideOfPackages(BASE + ".bundle..", BASE + ".graph..", BASE + ".savedmodel..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.google.protobuf..")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage(BASE + ".bundle.proto.."));
  }

  /** One class makes threads: each has a name, and none keeps a JVM alive. */
  @Test
  void onlyNamedThreadsMakesThreads() {
    hold(
        noClasses()
            .that()
            .resideInAPackage(BASE + ".concurrent..")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages(
                "java..", "org.jspecify..", "com.google.errorprone..", BASE + ".concurrent.."));
    hold(
        noClasses()
            .that()
            .doNotHaveFullyQualifiedName(BASE + ".concurrent.NamedThreads")
            .should()
            .accessTargetWhere(
                target(owner(assignableTo(Thread.class))).and(target(name(CONSTRUCTOR_NAME))))
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.concurrent.Executors")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.Timer"));
  }

  @Test
  void bundleOpensNoFile() {
    hold(
        noClasses()
            .that()
            .resideInAPackage(BASE + ".bundle..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.nio.file..", "java.net..", "org.apache.hadoop..")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.io.File")
            .orShould()
            .dependOnClassesThat()
            .haveSimpleNameStartingWith("FileInputStream")
            .orShould()
            .dependOnClassesThat()
            .resideInAnyPackage(
                BASE + ".store..", BASE + ".io..", BASE + ".commit..", BASE + ".retention.."));
  }

  @Test
  void onlyTheStoreSeesHadoop() {
    hold(
        noClasses()
            .that()
            .resideOutsideOfPackage(BASE + ".store..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.apache.hadoop.."));
  }

  @Test
  void storeKnowsNoFormat() {
    hold(
        noClasses()
            .that()
            .resideInAPackage(BASE + ".store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                BASE + ".bundle..", BASE + ".io..", BASE + ".commit..", BASE + ".retention.."));
  }

  /**
   * Bytes on their way between storage and arrays: they know what is stored, not who commits it.
   */
  @Test
  void ioKnowsNoProtocol() {
    hold(
        noClasses()
            .that()
            .resideInAPackage(BASE + ".io..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(BASE + ".commit..", BASE + ".retention.."));
    hold(
        noClasses()
            .that()
            .resideInAnyPackage(BASE + ".commit..", BASE + ".retention..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(BASE + ".io.."));
  }

  @Test
  void commitKnowsNoRetention() {
    hold(
        noClasses()
            .that()
            .resideInAPackage(BASE + ".commit..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage(BASE + ".retention.."));
  }

  /**
   * The classes that delete; all others call these. CheckpointCleaner and FolderTree delete what
   * has expired or what a crash has left; PrefixFiles a checkpoint without a folder that a manager
   * lets go; OwnerLease its own owner file, and that of a dead session; RunFolder the file and the
   * folders that it has just made to try a path; BundleWriter its own files that do not count, and
   * data files that a new index under the same prefix names no more; StateFile the state file that
   * would name nothing; VersionLease the file of its own reader, and those of dead ones.
   */
  @Test
  void fewDelete() {
    hold(
        noClasses()
            .that(
                areNot(
                    BASE + ".retention.CheckpointCleaner",
                    BASE + ".retention.FolderTree",
                    BASE + ".retention.PrefixFiles",
                    BASE + ".commit.OwnerLease",
                    BASE + ".commit.StateFile",
                    BASE + ".BundleWriter",
                    BASE + ".RunFolder",
                    BASE + ".publish.VersionLease"))
            .should()
            .accessTargetWhere(
                target(owner(assignableTo(CheckpointStore.class))).and(target(name("delete"))))
            .because("a checkpoint loses its manifest's place before it loses a byte (I2, I3)"));
  }

  /**
   * The classes that delete whole folders: besides the room itself FolderReplacement, those that it
   * has moved out of the way, Folders, those that hold no checkpoints of a run, and HiddenVersions,
   * drafts of versions and versions that were collected, under hidden names.
   */
  @Test
  void fewDeleteFolders() {
    hold(
        noClasses()
            .that()
            .resideOutsideOfPackage(BASE + ".retention..")
            .and(
                areNot(
                    BASE + ".FolderReplacement",
                    BASE + ".Folders",
                    BASE + ".publish.HiddenVersions"))
            .should()
            .accessTargetWhere(target(owner(assignableTo(FolderTree.class))).and(DELETES)));
  }

  /** Everything else goes through a store, so that tests can make it fail. */
  @Test
  void onlyTheStoreDeletesLocalFiles() {
    hold(
        noClasses()
            .that()
            .resideOutsideOfPackage(BASE + ".store..")
            .should()
            .accessTargetWhere(target(owner(assignableTo(Files.class))).and(DELETES))
            .orShould()
            .accessTargetWhere(target(owner(assignableTo(File.class))).and(DELETES)));
  }

  private static DescribedPredicate<JavaClass> areNot(String... names) {
    Set<String> all = Set.of(names);
    return DescribedPredicate.describe(
        "are none of " + new TreeSet<>(all), type -> !all.contains(outermost(type).getName()));
  }

  private static JavaClass outermost(JavaClass type) {
    return type.getEnclosingClass().map(ArchitectureTest::outermost).orElse(type);
  }

  @Test
  void noSparkScalaOrNetty() {
    hold(
        noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.spark..", "scala..", "io.netty.."));
  }

  /** Loading a checkpoint loads no classes (invariant I9). */
  @Test
  void dataIsInert() {
    hold(
        noClasses()
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.io.ObjectInputStream"));
  }
}
