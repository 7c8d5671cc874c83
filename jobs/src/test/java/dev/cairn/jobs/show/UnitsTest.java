package dev.cairn.jobs.show;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Numbers and tables as people read them. */
final class UnitsTest {
  @Test
  void unitsChangeWhereTheyShould() {
    assertEquals("1023 B", Units.bytes(1023));
    assertEquals("1.0 KiB", Units.bytes(1024));
    assertEquals("1.0 MiB", Units.bytes(1024 * 1024 - 1));
    assertEquals("104 MiB", Units.bytes(104L << 20));
    assertEquals("9999", Units.rate(9999));
    assertEquals("412 k", Units.rate(412_345));
    assertEquals("1.25 M", Units.rate(1_250_000));
    assertEquals("999 ms", Units.millis(999));
    assertEquals("59.9 s", Units.millis(59_940));
    assertEquals("1:00", Units.millis(60_000));
    assertEquals("2:03:07", Units.millis(7_387_000));
  }

  @Test
  void numbersStandRightTextLeft() {
    TextTable table = new TextTable("name", ">rows").row("a", "12").row("longer", "3");
    assertEquals(List.of("name    rows", "a         12", "longer     3"), table.lines());
  }

  @Test
  void cellsAreShownAsTheyAre() {
    String markup = "@|bold,red x|@ @@||@ @|@| |@";
    String wide = "\u65e5\u672c";
    TextTable table =
        new TextTable("", ">", "what")
            .row(markup, "", "a b  c")
            .row("", "1", " - ")
            .row(wide, "22", "line\nbreak")
            .row("", "", "");
    assertEquals(
        List.of(
            " ".repeat(markup.length()) + "      what",
            markup + "      a b  c",
            " ".repeat(markup.length()) + "   1   -",
            wide + " ".repeat(markup.length() - 2) + "  22  line\\nbreak",
            ""),
        table.lines());
    assertEquals(List.of("name"), new TextTable("name").lines());
  }

  @Test
  void aTableIsAsLongAsItMustBe() {
    TextTable table = new TextTable("name", ">number");
    for (int i = 0; i < 100_000; i++) {
      table.row("a".repeat(i % 80), Integer.toString(i));
    }
    List<String> lines = table.lines();
    assertEquals(100_001, lines.size());
    assertEquals("a".repeat(79) + "   99999", lines.get(100_000));
  }
}
