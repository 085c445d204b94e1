import static org.apache.kafka.streams.StreamsConfig.APPLICATION_ID_CONFIG;
import static org.apache.kafka.streams.StreamsConfig.BOOTSTRAP_SERVERS_CONFIG;
import static org.apache.kafka.streams.StreamsConfig.COMMIT_INTERVAL_MS_CONFIG;
import static org.apache.kafka.streams.StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG;
import static org.apache.kafka.streams.StreamsConfig.REPLICATION_FACTOR_CONFIG;
import static org.apache.kafka.streams.StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG;
import static org.apache.kafka.streams.StreamsConfig.STATE_DIR_CONFIG;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers.RocksDBDslStoreSuppliers;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The join as the guide of the Kafka Streams DSL shows it: positions are aggregated into a table, and the stream of
 * payments is joined with it.
 *
 * <p>At least once, the default: a crash may repeat verdicts and loses none, because offsets are committed after the
 * changelog of the table and the verdicts are delivered. It checks only types, masks nothing, and stops at a record that
 * is not JSON. It has one thread, the default. The cache of the table is larger than the default, as the guide
 * recommends for fewer writes to the changelog.
 */
public final class Join {
  private static final Map<String, Integer> FIXES_KEPT = Map.of("last", 1, "history", 64);
  private static final int CACHE_BYTES = 64 << 20;

  record Fix(
      @JsonProperty("at_ms") long atMs, double latitude, double longitude, @JsonProperty("speed_mps") double speedMps) {}

  record Push(List<Fix> fixes) {}

  record Payment(
      @JsonProperty("transaction_id") String transactionId, double timestamp, double latitude, double longitude) {}

  record Verdict(String id, boolean suspect) {}

  public static void main(String[] arguments) {
    Map<String, String> environment = System.getenv();
    KafkaStreams streams = new KafkaStreams(topology(environment).build(), settings(environment));
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
  }

  private static StreamsBuilder topology(Map<String, String> environment) {
    int kept = FIXES_KEPT.get(environment.getOrDefault("BENCH_RULE", "last"));
    StreamsBuilder builder = new StreamsBuilder();
    Serde<String> text = Serdes.String();
    Serde<byte[]> bytes = Serdes.ByteArray();
    Serde<Push> pushes = Json.serde(Push.class);
    Serde<Payment> payments = Json.serde(Payment.class);
    KTable<String, byte[]> tracks =
        builder
            .stream(environment.get("BENCH_PREFIX") + "locations", Consumed.with(text, pushes))
            .groupByKey(Grouped.with(text, pushes))
            .aggregate(
                () -> new byte[0],
                (device, push, track) -> Track.add(track, push.fixes(), kept),
                Materialized.<String, byte[], KeyValueStore<Bytes, byte[]>>as("tracks")
                    .withKeySerde(text)
                    .withValueSerde(bytes));
    builder
        .stream(environment.get("BENCH_PREFIX") + "transactions", Consumed.with(text, payments))
        .leftJoin(
            tracks,
            (payment, track) -> new Verdict(payment.transactionId(), track != null && !Track.allows(track, payment)),
            Joined.with(text, payments, bytes))
        .to(environment.get("BENCH_GROUP") + "-verdicts", Produced.with(text, Json.serde(Verdict.class)));
    return builder;
  }

  private static Properties settings(Map<String, String> environment) {
    boolean onDisk = environment.getOrDefault("BENCH_STORE", "rocksdb").equals("rocksdb");
    Properties settings = new Properties();
    settings.put(APPLICATION_ID_CONFIG, environment.get("BENCH_GROUP"));
    settings.put(BOOTSTRAP_SERVERS_CONFIG, environment.get("BENCH_KAFKA"));
    settings.put(COMMIT_INTERVAL_MS_CONFIG, Math.round(1000 * Double.parseDouble(environment.get("BENCH_COMMIT_INTERVAL_S"))));
    settings.put(STATE_DIR_CONFIG, Path.of("kafka-streams").toAbsolutePath().toString());
    settings.put(
        DSL_STORE_SUPPLIERS_CLASS_CONFIG, onDisk ? RocksDBDslStoreSuppliers.class : InMemoryDslStoreSuppliers.class);
    settings.put(STATESTORE_CACHE_MAX_BYTES_CONFIG, CACHE_BYTES);
    settings.put(REPLICATION_FACTOR_CONFIG, 1);
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    return settings;
  }
}
