package dev.cairn.checkpoint.bundle;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Keys as text and back. TensorFlow takes any bytes for a key. Nearly all are UTF-8; a byte that is
 * not becomes a lone low surrogate, U+DC80 to U+DCFF, which no UTF-8 stands for (Python does the
 * same with names of files). So two keys never become one text. Stateless.
 */
public final class Keys {

  private static final char FIRST = '\uDC80';
  private static final char LAST = '\uDCFF';

  private Keys() {}

  /** The text of a key. */
  public static String decode(byte[] key) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    try {
      return decoder.decode(ByteBuffer.wrap(key)).toString();
    } catch (CharacterCodingException e) {
      return decodeBytewise(decoder.reset(), ByteBuffer.wrap(key));
    }
  }

  private static String decodeBytewise(CharsetDecoder decoder, ByteBuffer in) {
    CharBuffer out = CharBuffer.allocate(in.remaining());
    CoderResult result = decoder.decode(in, out, true);
    while (result.isError()) {
      for (int i = 0; i < result.length(); i++) {
        out.put((char) (0xDC00 | (in.get() & 0xFF)));
      }
      result = decoder.reset().decode(in, out, true);
    }
    return out.flip().toString();
  }

  /** The bytes of a key's text. */
  public static byte[] encode(String key) {
    if (!hasLoneBytes(key)) {
      return key.getBytes(StandardCharsets.UTF_8);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(key.length());
    int plain = 0;
    for (int i = 0; i < key.length(); i++) {
      if (isLoneByte(key, i)) {
        out.writeBytes(key.substring(plain, i).getBytes(StandardCharsets.UTF_8));
        out.write(key.charAt(i));
        plain = i + 1;
      }
    }
    out.writeBytes(key.substring(plain).getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  private static boolean hasLoneBytes(String key) {
    for (int i = 0; i < key.length(); i++) {
      if (isLoneByte(key, i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isLoneByte(String key, int at) {
    char c = key.charAt(at);
    return c >= FIRST && c <= LAST && (at == 0 || !Character.isHighSurrogate(key.charAt(at - 1)));
  }
}
