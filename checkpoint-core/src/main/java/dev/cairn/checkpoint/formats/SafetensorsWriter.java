package dev.cairn.checkpoint.formats;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.cairn.checkpoint.model.CheckpointException.Mismatch;
import dev.cairn.checkpoint.model.VariableSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Writes safetensors (github.com/huggingface/safetensors, README, "Format"): the header's length in
 * 8 bytes, the header in JSON, filled up with blanks to a multiple of 8 bytes, and the tensors, one
 * after the other without gaps. Wider elements come first, so that each tensor lies at a multiple
 * of its elements' width. Stateless.
 */
final class SafetensorsWriter {
  private static final JsonFactory JSON = new JsonFactory();

  private SafetensorsWriter() {}

  static void write(TensorSource source, FileSink sink) throws IOException {
    List<VariableSpec> tensors = new ArrayList<>(source.tensors());
    TensorWrites.requireTypes(
        source, "safetensors", type -> SafetensorsTypes.name(type).isPresent());
    tensors.sort(
        Comparator.comparingInt((VariableSpec tensor) -> -tensor.dtype().elementBytes())
            .thenComparing(VariableSpec::key));
    byte[] header = header(tensors, source);
    sink.write(
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, header.length));
    sink.write(header);
    for (VariableSpec tensor : tensors) {
      TensorWrites.copy(source, tensor, sink::write);
    }
  }

  private static byte[] header(List<VariableSpec> tensors, TensorSource source) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(out)) {
      json.writeStartObject();
      long offset = 0;
      for (VariableSpec tensor : tensors) {
        TensorWrites.requireText(tensor.key(), source);
        if (tensor.key().equals(SafetensorsFile.METADATA)) {
          throw new Mismatch(
              "Cannot write safetensors: its header needs the name "
                  + SafetensorsFile.METADATA
                  + " for itself (path="
                  + source.path()
                  + "); rename the tensor");
        }
        json.writeObjectFieldStart(tensor.key());
        json.writeStringField("dtype", SafetensorsTypes.name(tensor.dtype()).orElseThrow());
        json.writeFieldName("shape");
        json.writeArray(tensor.shape().dims(), 0, tensor.shape().rank());
        long end = offset + TensorWrites.bytes(tensor);
        json.writeFieldName("data_offsets");
        json.writeArray(new long[] {offset, end}, 0, 2);
        json.writeEndObject();
        offset = end;
      }
      json.writeEndObject();
    }
    int length = (out.size() + 7) / 8 * 8;
    if (length > SafetensorsFile.MOST_HEADER) {
      throw new Mismatch(
          "Cannot write safetensors: expected a header of at most "
              + SafetensorsFile.MOST_HEADER
              + " bytes, found "
              + tensors.size()
              + " tensors whose names and shapes take "
              + length
              + " (path="
              + source.path()
              + "); write several files");
    }
    byte[] header = Arrays.copyOf(out.toByteArray(), length);
    Arrays.fill(header, out.size(), length, (byte) ' ');
    return header;
  }
}
