package dev.cairn.checkpoint;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;

/** Who never imports whom within this module. */
class ArchitectureTest {

  private static final String BASE = "dev.cairn.checkpoint";

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
            .should()
            .dependOnClassesThat()
            .resideInAPackage(BASE)
            .because("the root is the door: nothing inside leans on it"));
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
