package dev.cairn.jobs.show;

import java.io.ByteArrayInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Properties;

/**
 * Reads the files that a curve's page is put together from: the page itself, its script, and the
 * charting library uPlot, read from its web jar. Stateless.
 */
final class ChartLibrary {
  private ChartLibrary() {}

  /** The script of the library. */
  static String script() throws IOException {
    return script(library("/dist/uPlot.iife.min.js"));
  }

  /** The style of its charts. */
  static String style() throws IOException {
    return library("/dist/uPlot.min.css");
  }

  /** The licence that goes with each copy of it. */
  static String license() throws IOException {
    return library("/LICENSE");
  }

  /** The page with places to fill. */
  static String page() throws IOException {
    return text("curve.html");
  }

  /** The script that draws a curve with the library. */
  static String curve() throws IOException {
    return script(text("curve.js"));
  }

  private static String library(String file) throws IOException {
    Properties properties = new Properties();
    byte[] written = text("chart.properties").getBytes(StandardCharsets.UTF_8);
    properties.load(new ByteArrayInputStream(written));
    return text(properties.getProperty("folder", "") + file);
  }

  /** A script in a form that a page may hold: nothing in it ends it early. */
  private static String script(String text) throws IOException {
    String lower = text.toLowerCase(Locale.ROOT);
    if (lower.contains("</script") || lower.contains("<!--")) {
      throw new IOException("Cannot put a script into a page: it holds </script or <!--");
    }
    return text;
  }

  private static String text(String resource) throws IOException {
    try (InputStream in = ChartLibrary.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new FileNotFoundException(
            "Cannot make the training curve's page: expected "
                + resource
                + " on the class path, found nothing; build with Maven");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
  }
}
