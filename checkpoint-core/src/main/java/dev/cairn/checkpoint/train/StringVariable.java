package dev.cairn.checkpoint.train;

import dev.cairn.checkpoint.graph.StringsVariable;
import dev.cairn.checkpoint.model.DType;
import dev.cairn.checkpoint.model.Shape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A variable of type STRING: its elements are bytes, or text as UTF-8. Not thread-safe. */
public final class StringVariable implements StringsVariable {
  private final Shape shape;
  private List<byte[]> elements;

  /**
   * A variable of these elements.
   *
   * @param elements row-major, as many as the shape has
   */
  public StringVariable(Shape shape, List<byte[]> elements) {
    this.shape = shape;
    this.elements = checked(elements);
  }

  /** A scalar. */
  public static StringVariable of(String text) {
    return new StringVariable(Shape.scalar(), List.of(text.getBytes(StandardCharsets.UTF_8)));
  }

  private List<byte[]> checked(List<byte[]> given) {
    if (given.size() != shape.elements()) {
      throw new IllegalArgumentException(
          "Cannot make a variable of strings: expected "
              + shape.elements()
              + " elements for shape "
              + shape
              + ", found "
              + given.size());
    }
    List<byte[]> copies = new ArrayList<>(given.size());
    given.forEach(one -> copies.add(one.clone()));
    return copies;
  }

  @Override
  public DType dtype() {
    return DType.STRING;
  }

  @Override
  public Shape shape() {
    return shape;
  }

  @Override
  public List<byte[]> elements() {
    return checked(elements);
  }

  @Override
  public void assign(List<byte[]> given) {
    elements = checked(given);
  }

  /** The only element, as text. */
  public String text() {
    if (elements.size() != 1) {
      throw new IllegalStateException(
          "Cannot read strings as one text: expected one element, found " + elements.size());
    }
    return new String(elements.get(0), StandardCharsets.UTF_8);
  }
}
