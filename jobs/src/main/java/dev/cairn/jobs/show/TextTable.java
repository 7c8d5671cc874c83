package dev.cairn.jobs.show;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Ansi.Text;
import picocli.CommandLine.Help.Column;

/**
 * A table in plain text: columns as wide as their longest cell, numbers to the right. A very long
 * first cell, such as a deep path, has a line of its own and does not move the other columns.
 * picocli lays it out; this class measures the columns, since picocli takes their widths
 * beforehand, and moves the right. Not thread-safe.
 */
public final class TextTable {
  private static final int BETWEEN = 2;

  /** A longer cell of the first column has a line of its own, and the rest of its row the next. */
  private static final int MOST_FIRST = 80;

  private final boolean[] right;
  private final List<List<String>> rows = new ArrayList<>();

  /**
   * Makes a table without rows.
   *
   * @param head the column names; one that starts with {@code >} is a column of numbers
   */
  public TextTable(String... head) {
    right = new boolean[head.length];
    List<String> names = new ArrayList<>();
    for (int i = 0; i < head.length; i++) {
      right[i] = head[i].startsWith(">");
      names.add(right[i] ? head[i].substring(1) : head[i]);
    }
    rows.add(names);
  }

  /** Adds a row; it has one cell a column, shown as {@link PlainText}. */
  public TextTable row(String... cells) {
    if (cells.length != right.length) {
      throw new IllegalArgumentException(
          "expected " + right.length + " cells, found " + cells.length);
    }
    rows.add(List.of(cells).stream().map(PlainText::of).toList());
    return this;
  }

  /** The lines, without spaces at their ends. */
  public List<String> lines() {
    int[] widths = new int[right.length];
    for (List<String> row : rows) {
      for (int i = isLong(row) ? 1 : 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    Column[] columns = new Column[widths.length];
    for (int i = 0; i < columns.length; i++) {
      int indent = i == 0 ? 0 : BETWEEN;
      columns[i] = new Column(indent + widths[i], indent, Column.Overflow.TRUNCATE);
    }
    Help.TextTable table = Help.TextTable.forColumns(Help.defaultColorScheme(Ansi.OFF), columns);
    for (List<String> row : rows) {
      Text[] cells = new Text[widths.length];
      for (int i = 0; i < cells.length; i++) {
        String cell = i == 0 && isLong(row) ? "" : row.get(i);
        String space = right[i] ? " ".repeat(widths[i] - cell.length()) : "";
        cells[i] = plain(space + cell);
      }
      table.addRowValues(cells);
    }
    return withLong(table.toString().lines().toList());
  }

  private static boolean isLong(List<String> row) {
    return row.get(0).length() > MOST_FIRST;
  }

  /** The lines of the rows, those of long first cells before them. */
  private List<String> withLong(List<String> lines) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      if (isLong(rows.get(i))) {
        all.add(rows.get(i).get(0));
      }
      all.add(lines.get(i));
    }
    return all;
  }

  /** A text in which picocli finds no markup: text between @| and |@ would lose its signs. */
  private static Text plain(String cell) {
    Text text = Ansi.OFF.new Text(0);
    for (String part : cell.split("(?<=@)(?=\\|)", -1)) {
      text = text.concat(part);
    }
    return text;
  }
}
