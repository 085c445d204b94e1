import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** Records as JSON. Unknown fields are ignored. */
final class Json {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  static <T> Serde<T> serde(Class<T> kind) {
    ObjectReader reader = MAPPER.readerFor(kind);
    ObjectWriter writer = MAPPER.writerFor(kind);
    return Serdes.serdeFrom(
        (topic, value) -> {
          try {
            return writer.writeValueAsBytes(value);
          } catch (IOException error) {
            throw new SerializationException(error);
          }
        },
        (topic, bytes) -> {
          try {
            return reader.readValue(bytes);
          } catch (IOException error) {
            throw new SerializationException(error);
          }
        });
  }
}
