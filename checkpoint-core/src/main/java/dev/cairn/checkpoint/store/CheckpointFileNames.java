package dev.cairn.checkpoint.store;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Every name that Cairn gives to something on storage, and the way back from the name.
 *
 * <pre>
 * ckpt-1200                    a committed checkpoint of step 1200
 * ckpt-1200-2                  the second commit of that step: it stands for the first one
 * .staging-1200-ATTEMPT        a checkpoint being written
 * .expired-ckpt-1200-ID        a committed one on its way out
 * .damaged-ckpt-1200-ID        one that failed its check and was set aside
 * .owner-SESSION.json          the session that writes here now
 * .checkpoint-ID.tmp           the state file, or a report, before it is put in place; a file that is
 *                              made for its time alone
 * .NAME-PART-ID.tmp            a file of a checkpoint under a prefix that ends in NAME, likewise
 * .NAME-patch-ID.tmp           a patch between two versions, before it is put in place
 * .reader-42-ID                in a model's folder: somebody reads version 42
 * history/40.json              in a model's folder: version 40 was collected, or is about to be
 * </pre>
 *
 * ATTEMPT is {@code SESSION-n}; SESSION and ID are 16 lower-case hex digits. A file whose name does
 * not match to the letter is not ours and is never touched.
 */
public final class CheckpointFileNames {

  /** The commit record within a checkpoint. */
  public static final String MANIFEST = "manifest.json";

  /** The prefix that TensorFlow puts before {@code .index} and {@code .data-...}. */
  public static final String VARIABLES = "variables";

  /** The bundle's index within a checkpoint. */
  public static final String INDEX = VARIABLES + ".index";

  /** TensorFlow's state file within a run's folder. */
  public static final String STATE = "checkpoint";

  /** The program of a SavedModel, within its folder. */
  public static final String SAVED_MODEL = "saved_model.pb";

  /** The hashes of a SavedModel, beside its program. */
  public static final String FINGERPRINT = "fingerprint.pb";

  /** The folder of a SavedModel in which others than TensorFlow keep what they want. */
  public static final String EXTRA = "assets.extra";

  /** The record of a published version, in {@link #EXTRA}. */
  public static final String VERSION = "cairn-version.json";

  /** The header of a patch between two published versions, within the patch. */
  public static final String PATCH = "cairn-patch.json";

  /** The configuration of TensorFlow Serving, in a model's folder. */
  public static final String SERVING = "models.config";

  /** The folder of the records of collected versions, in a model's folder. */
  public static final String HISTORY = "history";

  private static final String STEP = "(0|[1-9][0-9]{0,17})";
  private static final String ID = "[0-9a-f]{16}";
  private static final Pattern COMMITTED =
      Pattern.compile("ckpt-" + STEP + "(?:-([1-9][0-9]{0,5}))?");
  private static final Pattern STAGING =
      Pattern.compile("\\.staging-" + STEP + "-(" + ID + ")-[1-9][0-9]{0,9}");
  private static final Pattern ASIDE =
      Pattern.compile("\\.(expired|damaged)-(ckpt|staging)-[0-9a-f-]+-" + ID);
  private static final Pattern OWNER = Pattern.compile("\\.owner-(" + ID + ")\\.json");
  private static final Pattern READER = Pattern.compile("\\.reader-([1-9][0-9]{0,17})-" + ID);
  private static final Pattern RECORD = Pattern.compile("([1-9][0-9]{0,17})\\.json");
  private static final Pattern STATE_TEMPORARY = Pattern.compile("\\.checkpoint-" + ID + "\\.tmp");
  private static final Pattern PART_TEMPORARY =
      Pattern.compile("\\..+-(?:index|0|[1-9][0-9]*)-(" + ID + ")\\.tmp", Pattern.DOTALL);
  private static final Pattern PATCH_TEMPORARY =
      Pattern.compile("\\..+-patch-" + ID + "\\.tmp", Pattern.DOTALL);

  private CheckpointFileNames() {}

  /** The path of an entry of a directory. */
  public static String child(String directory, String name) {
    return directory.endsWith("/") ? directory + name : directory + "/" + name;
  }

  /** The last part of a path; empty for a root. */
  public static String lastPart(String path) {
    return path.substring(Math.max(rootLength(path), path.lastIndexOf('/') + 1));
  }

  /** All of a path but its last part: a root is its own parent, that of a name alone is empty. */
  public static String parent(String path) {
    return path.substring(0, Math.max(rootLength(path), path.lastIndexOf('/')));
  }

  /** Whether nothing lies above a path, such as {@code /}, {@code file:/} or {@code hdfs://nn}. */
  public static boolean isRoot(String path) {
    return !path.isEmpty() && rootLength(path) == path.length();
  }

  /** The length of the root with which a path begins, such as 10 for hdfs://nn/a; 0 for none. */
  private static int rootLength(String path) {
    int slash = path.indexOf('/');
    if (slash < 0 || (slash > 0 && path.charAt(slash - 1) != ':')) {
      return 0;
    }
    if (slash == 0 || !path.startsWith("//", slash)) {
      return slash + 1;
    }
    int end = path.indexOf('/', slash + 2);
    return end < 0 ? path.length() : end + 1;
  }

  /** The name of shard {@code shard} of {@code shards} under a TensorFlow prefix. */
  public static String data(String prefix, int shard, int shards) {
    return String.format(Locale.ROOT, "%s.data-%05d-of-%05d", prefix, shard, shards);
  }

  /** A committed checkpoint's directory name. */
  public static String committed(long step, int revision) {
    return revision == 1 ? "ckpt-" + step : "ckpt-" + step + "-" + revision;
  }

  /** Reads a committed checkpoint's directory name back. */
  public static Optional<Committed> parseCommitted(String name) {
    Matcher matcher = COMMITTED.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String revision = matcher.group(2);
    int number = revision == null ? 1 : Integer.parseInt(revision);
    if (revision != null && number == 1) {
      return Optional.empty();
    }
    return Optional.of(new Committed(name, Long.parseLong(matcher.group(1)), number));
  }

  /** The directory in which an attempt writes. */
  public static String staging(long step, String attempt) {
    return ".staging-" + step + "-" + attempt;
  }

  /** The session that owns a staging directory; empty if the name is not that of one. */
  public static Optional<String> stagingSession(String name) {
    Matcher matcher = STAGING.matcher(name);
    return matcher.matches() ? Optional.of(matcher.group(2)) : Optional.empty();
  }

  /** The hidden name under which a committed or staging directory waits to be deleted. */
  public static String expired(String name, String id) {
    return ".expired-" + (name.startsWith(".") ? name.substring(1) : name) + "-" + id;
  }

  /** The hidden name of a checkpoint that failed its check. */
  public static String damaged(String name, String id) {
    return ".damaged-" + name + "-" + id;
  }

  /** Whether a name is that of a directory on its way out. */
  public static boolean isExpired(String name) {
    return name.startsWith(".expired-") && ASIDE.matcher(name).matches();
  }

  /** Whether a name is that of a checkpoint set aside. */
  public static boolean isDamaged(String name) {
    return name.startsWith(".damaged-") && ASIDE.matcher(name).matches();
  }

  /** The file that is a session's sign of life. */
  public static String owner(String session) {
    return ".owner-" + session + ".json";
  }

  /** The session of an owner file; empty if the name is not that of one. */
  public static Optional<String> ownerSession(String name) {
    Matcher matcher = OWNER.matcher(name);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** The file that is a reader's sign of life, in the model's folder. */
  public static String reader(long version, String id) {
    return ".reader-" + version + "-" + id;
  }

  /** The version that a reader's file is about; empty if the name is not that of one. */
  public static OptionalLong readVersion(String name) {
    return number(READER.matcher(name));
  }

  /** The record of a collected version, in {@link #HISTORY}. */
  public static String collected(long version) {
    return version + ".json";
  }

  /** The version of such a record; empty if the name is not that of one. */
  public static OptionalLong collectedVersion(String name) {
    return number(RECORD.matcher(name));
  }

  private static OptionalLong number(Matcher matcher) {
    return matcher.matches()
        ? OptionalLong.of(Long.parseLong(matcher.group(1)))
        : OptionalLong.empty();
  }

  /** The state file before it is put in place. */
  public static String stateTemporary(String id) {
    return ".checkpoint-" + id + ".tmp";
  }

  /**
   * A file of a checkpoint under a prefix before it is put in place, in the same folder.
   *
   * @param part such as {@code index}, or the number of a data file
   */
  public static String partTemporary(String prefix, String part, String id) {
    return child(parent(prefix), "." + lastPart(prefix) + "-" + part + "-" + id + ".tmp");
  }

  /**
   * Who writes a file of a checkpoint under a prefix that is not yet in place; empty if the name is
   * not that of one.
   */
  public static Optional<String> partWriter(String name) {
    Matcher matcher = PART_TEMPORARY.matcher(name);
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** A patch before it is put in place, in the same folder. */
  public static String patchTemporary(String file, String id) {
    return partTemporary(file, "patch", id);
  }

  /** Whether a name is that of a patch not yet in place. */
  public static boolean isPatchTemporary(String name) {
    return PATCH_TEMPORARY.matcher(name).matches();
  }

  /** Whether a name is that of a state file not yet in place. */
  public static boolean isStateTemporary(String name) {
    return STATE_TEMPORARY.matcher(name).matches();
  }

  /**
   * A committed checkpoint's name in parts.
   *
   * @param name the directory's name
   * @param step its step
   * @param revision 1 for the first commit of the step, then 2, 3 and so on
   */
  public record Committed(String name, long step, int revision) implements Comparable<Committed> {
    @Override
    public int compareTo(Committed other) {
      int bySteps = Long.compare(step, other.step);
      return bySteps != 0 ? bySteps : Integer.compare(revision, other.revision);
    }
  }
}
