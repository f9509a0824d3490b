package org.millrace.distribution;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which way dependencies may point. {@code docs/architecture.md} has the picture. */
class ArchitectureTest {
    private static JavaClasses millrace;

    @BeforeAll
    static void readClasses() {
        millrace = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("org.millrace");
    }

    @Test
    void everyPartOfThePictureWasRead() {
        for (String part : List.of(
                "spi", "content", "query", "journal", "store", "subscription", "replication", "host", "plugin")) {
            assertThat(millrace)
                    .as("classes of org.millrace." + part)
                    .anyMatch(c -> c.getPackageName().startsWith("org.millrace." + part));
        }
    }

    @Test
    void theSpiKnowsNobody() {
        noClasses()
                .that()
                .resideInAPackage("org.millrace.spi..")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("org.millrace..").and(not(resideInAPackage("org.millrace.spi.."))))
                .because("a plugin author gets the SPI alone: a type of the kernel in it would not be there")
                .check(millrace);
    }

    @Test
    void theResourceSpiNeedsNothingButJava() {
        classes()
                .that()
                .resideInAnyPackage(
                        "org.millrace.spi.resource..",
                        "org.millrace.spi.content..",
                        "org.millrace.spi.identity..",
                        "org.millrace.spi.plugin..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage("java..", "org.jspecify..", "org.millrace.spi.."))
                .because("every dependency of the resource SPI would become one of every plugin")
                .check(millrace);
    }

    @Test
    void aPluginSeesTheSpiOnly() {
        noClasses()
                .that()
                .resideInAPackage("org.millrace.plugin..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.millrace..")
                        .and(not(resideInAnyPackage("org.millrace.spi..", "org.millrace.plugin.."))))
                .because("kernel classes are not visible to a plugin's class loader: this would fail at run time")
                .check(millrace);
    }

    @Test
    void pluginsDoNotKnowEachOther() {
        slices().matching("org.millrace.plugin.(*)..")
                .should()
                .notDependOnEachOther()
                .because("each is loaded alone and any may be absent; they meet at extension points")
                .check(millrace);
    }

    @Test
    void theKernelDoesNotNameAPlugin() {
        noClasses()
                .that(resideInAPackage("org.millrace..").and(not(resideInAPackage("org.millrace.plugin.."))))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.millrace.plugin..")
                .because("plugins are found by ServiceLoader; a host without any of them must still start")
                .check(millrace);
    }

    @Test
    void theKernelsModulesPointDownwardsOnly() {
        List<String> bottomUp = List.of("content", "query", "journal", "store", "replication", "subscription", "host");
        for (int i = 0; i < bottomUp.size() - 1; i++) {
            String[] above = bottomUp.subList(i + 1, bottomUp.size()).stream()
                    .map(name -> "org.millrace." + name + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("org.millrace." + bottomUp.get(i) + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(above)
                    .because("only the host knows all modules of the kernel")
                    .check(millrace);
        }
    }
}
