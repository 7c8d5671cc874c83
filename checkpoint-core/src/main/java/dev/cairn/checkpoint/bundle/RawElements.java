package dev.cairn.checkpoint.bundle;

/** A payload as one element, for types whose elements have no bounds that are known here. */
final class RawElements extends Elements {

  private final Cursor bytes;

  RawElements(Source source, long size, int crc32c, String what) {
    super(source, 1, size, crc32c, what);
    this.bytes = new Cursor(0);
  }

  @Override
  long length() {
    return size;
  }

  @Override
  Cursor payload() {
    return bytes;
  }

  @Override
  void elementEnds() {}
}
