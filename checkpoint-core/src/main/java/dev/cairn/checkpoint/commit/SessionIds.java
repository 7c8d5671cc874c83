package dev.cairn.checkpoint.commit;

import java.security.SecureRandom;
import java.util.HexFormat;

/** Names that nobody else uses: 64 random bits as 16 hex digits. */
public final class SessionIds {

  private static final SecureRandom RANDOM = new SecureRandom();

  private SessionIds() {}

  /** A new name. */
  public static String next() {
    return HexFormat.of().toHexDigits(RANDOM.nextLong());
  }
}
