package dev.cairn.jobs.show;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Tables of what may be anything: long names, names with line breaks. */
final class TextTableTest {
  @Test
  void longFirstCellsHaveLinesOfTheirOwn() {
    String deep = "layer/".repeat(30) + "kernel";
    TextTable table = new TextTable("variable", "dtype", ">bytes");
    table.row("bias", "FLOAT", "4").row(deep, "DOUBLE", "1,024").row("a\nb\u001b[31m", "INT8", "1");
    assertEquals(
        List.of(
            "variable        dtype   bytes",
            "bias            FLOAT       4",
            deep,
            "                DOUBLE  1,024",
            "a\\nb\\u001b[31m  INT8        1"),
        table.lines());
  }

  @Test
  void aTableOfLongNamesAlone() {
    String one = "x".repeat(81);
    String other = "y".repeat(200);
    TextTable table = new TextTable("name", ">n").row(one, "1").row(other, "22");
    assertEquals(List.of("name   n", one, "       1", other, "      22"), table.lines());
  }
}
