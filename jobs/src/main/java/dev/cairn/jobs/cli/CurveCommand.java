package dev.cairn.jobs.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.cairn.checkpoint.Folders;
import dev.cairn.checkpoint.RunFile;
import dev.cairn.jobs.config.JobException;
import dev.cairn.jobs.config.Text;
import dev.cairn.jobs.config.TrainConf;
import dev.cairn.jobs.show.CurveData;
import dev.cairn.jobs.show.CurvePage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code curve RUN ...}: the training curves of several runs on one page. */
@Command(
    name = "curve",
    header = "Puts the training curves of several runs side by side, on one page.",
    description =
        "%nReads what each run drew at its end, so nothing is trained or judged again. The page is"
            + " one file that needs no network.")
final class CurveCommand extends CheckpointVerb {
  @Parameters(
      arity = "1..*",
      paramLabel = "RUN|PAGE",
      description =
          "A run's folder (checkpoint.dir) with its training-curve.html, or such a page"
              + " (report.file).")
  private List<String> runs = new ArrayList<>();

  @Option(
      names = "--output",
      paramLabel = "FILE",
      defaultValue = "curves.html",
      description = "The page to write; default: curves.html.")
  private String output = "";

  CurveCommand(Console console) {
    super(console);
  }

  /** A run that a page shows, and the page's path. */
  private record Found(CurveData run, String page) {
    /** The folder that it lies in tells runs of one name apart. */
    String inFolder() {
      String folder = Folders.parent(page).map(Folders::name).orElse(page);
      return run.title() + ", " + folder;
    }
  }

  @Override
  public Integer call() throws IOException {
    RunFile target = RunFile.at(home(output), options());
    List<Found> found = new ArrayList<>();
    Set<String> pages = new HashSet<>();
    for (String given : runs) {
      RunFile page = page(given);
      if (!pages.add(page.path())) {
        throw new JobException("Cannot compare runs: " + given + " is given twice");
      }
      if (page.path().equals(target.path())) {
        throw new JobException(
            "Cannot write "
                + ReportFile.shown(target.path())
                + ": it is a page to read; name another file with --output");
      }
      read(page, given).forEach(run -> found.add(new Found(run, page.path())));
    }
    List<CurveData> named = named(found);
    target.replace(
        CurvePage.render(title(named), subtitle(named), named).getBytes(StandardCharsets.UTF_8));
    tell(target, found, named);
    return CairnCommand.OK;
  }

  private RunFile page(String given) throws IOException {
    String path = home(given);
    boolean isPage = path.toLowerCase(Locale.ROOT).endsWith(".html");
    return RunFile.at(isPage ? path : Folders.child(path, TrainConf.CURVE_NAME), options());
  }

  private static List<CurveData> read(RunFile page, String given) throws IOException {
    byte[] bytes =
        page.read()
            .orElseThrow(
                () ->
                    new JobException(
                        Text.format(
                            "Cannot read the training curve of %s: expected a run's folder with"
                                + " %s, or such a page, found no file (path=%s). A run draws its"
                                + " curve when it ends; report.file may have named another place.",
                            given, TrainConf.CURVE_NAME, ReportFile.shown(page.path()))));
    List<CurveData> drawn = CurvePage.runs(new String(bytes, StandardCharsets.UTF_8));
    if (drawn.isEmpty()) {
      throw new JobException(
          Text.format(
              "Cannot read the training curve of %s: expected a page that this version of"
                  + " `cairn train` wrote, found another file (path=%s)",
              given, ReportFile.shown(page.path())));
    }
    return drawn;
  }

  /** Each run's own name; with its folder, or its page, if that does not tell them apart. */
  private static List<CurveData> named(List<Found> found) {
    List<Function<Found, String>> ways =
        List.of(
            one -> one.run().title(),
            Found::inFolder,
            one -> one.run().title() + ", " + ReportFile.shown(one.page()));
    List<String> names = List.of();
    for (Function<Found, String> way : ways) {
      names = found.stream().map(way).toList();
      if (new HashSet<>(names).size() == names.size()) {
        break;
      }
    }
    List<CurveData> named = new ArrayList<>();
    for (int i = 0; i < found.size(); i++) {
      named.add(found.get(i).run().withTitle(names.get(i)));
    }
    return named;
  }

  private static String title(List<CurveData> runs) {
    return runs.size() == 1 ? runs.get(0).title() : runs.size() + " runs";
  }

  /** The subtitle of all of them together. */
  private static String subtitle(List<CurveData> runs) {
    boolean same = runs.stream().map(CurveData::subtitle).distinct().count() == 1;
    return same
        ? runs.get(0).subtitle()
        : String.join("; ", runs.stream().map(CurveData::title).toList());
  }

  private void tell(RunFile target, List<Found> found, List<CurveData> named) throws IOException {
    if (!json()) {
      named.forEach(run -> say(run.title()));
      say("Side by side: " + ReportFile.shown(target.path()));
      return;
    }
    ObjectNode tree = JSON.createObjectNode().put("page", target.path());
    ArrayNode list = tree.putArray("runs");
    for (int i = 0; i < named.size(); i++) {
      list.addObject()
          .put("name", named.get(i).title())
          .put("page", found.get(i).page())
          .put("step", named.get(i).lastStep());
    }
    print(tree);
  }
}
