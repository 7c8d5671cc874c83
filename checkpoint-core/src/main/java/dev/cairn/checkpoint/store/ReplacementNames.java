package dev.cairn.checkpoint.store;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The hidden names beside a folder that is being replaced as a whole. For a folder {@code model}:
 *
 * <pre>
 * .model.cairn-writing-ID      the new one while it is written: not to be used yet
 * .model.cairn-new-ID          the new one, whole
 * .model.cairn-old-ID          the one before, moved aside so that the new one can take its place
 * .model.cairn-gone-ID         on its way out: anybody may delete it
 * </pre>
 *
 * ID is 16 lower-case hex digits, the same for all that one replacement makes, but for {@code
 * gone}. Every change from one name to another is one rename.
 */
public final class ReplacementNames {

  private static final Pattern HIDDEN =
      Pattern.compile("\\.(.+)\\.cairn-(writing|new|old|gone)-([0-9a-f]{16})", Pattern.DOTALL);

  private ReplacementNames() {}

  /** The roles of hidden folders. */
  public enum Role {
    WRITING("writing"),
    NEW("new"),
    OLD("old"),
    GONE("gone");

    private final String word;

    Role(String word) {
      this.word = word;
    }
  }

  /**
   * A hidden name in parts.
   *
   * @param folder the name of the folder that is replaced
   * @param role the role of the hidden one
   * @param id the replacement that made it
   */
  public record Hidden(String folder, Role role, String id) {
    /** The name as it is on storage. */
    public String name() {
      return "." + folder + ".cairn-" + role.word + "-" + id;
    }

    /** The same replacement's folder of another role. */
    public Hidden as(Role other) {
      return new Hidden(folder, other, id);
    }
  }

  /** Parses a hidden name; empty if it is not one of these. */
  public static Optional<Hidden> parse(String name) {
    Matcher matcher = HIDDEN.matcher(name);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    for (Role role : Role.values()) {
      if (role.word.equals(matcher.group(2))) {
        return Optional.of(new Hidden(matcher.group(1), role, matcher.group(3)));
      }
    }
    return Optional.empty();
  }
}
