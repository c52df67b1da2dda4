import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;

/** The same work as the other peers: Avro word in, palindrome check, verdict as JSON out, key and headers kept. */
public final class Judge extends ContextualProcessor<byte[], byte[], byte[], byte[]> {
  private static final int WIRE_PREFIX = 5;
  private byte[] bytes;
  private int at;

  @Override
  public void process(Record<byte[], byte[]> record) {
    bytes = record.value();
    at = WIRE_PREFIX;
    int length = (int) readLong();
    String word = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    long submittedAt = readLong();
    Header id = record.headers().lastHeader("id");
    long origin = context().recordMetadata().orElseThrow().offset();
    boolean answer = isPalindrome(word);
    StringBuilder json = new StringBuilder(320).append("{\"id\":");
    text(json, new String(id.value(), StandardCharsets.UTF_8)).append(",\"word\":");
    text(json, word)
        .append(",\"accepted\":").append(answer)
        .append(",\"checks\":[{\"check\":\"palindrome\",\"answer\":").append(answer)
        .append(",\"detail\":null}],\"attempts\":1,\"submittedAt\":").append(submittedAt)
        .append(",\"judgedAt\":").append(System.currentTimeMillis())
        .append(",\"origin\":").append(origin).append('}');
    context().forward(record.withValue(json.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** Avro long: zigzag, least significant group first. */
  private long readLong() {
    long n = 0;
    int b;
    int shift = 0;
    do {
      b = bytes[at++];
      n |= (long) (b & 0x7f) << shift;
      shift += 7;
    } while (b < 0);
    return (n >>> 1) ^ -(n & 1);
  }

  private static boolean isPalindrome(String word) {
    for (int i = 0, j = word.length() - 1; i < j; i++, j--)
      if (Character.toLowerCase(word.charAt(i)) != Character.toLowerCase(word.charAt(j))) return false;
    return true;
  }

  private static StringBuilder text(StringBuilder out, String s) {
    out.append('"');
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      if (c == '"' || c == '\\') out.append('\\').append(c);
      else if (c < 0x20) out.append(String.format("\\u%04x", (int) c));
      else out.append(c);
    }
    return out.append('"');
  }

  public static void main(String[] args) throws Exception {
    Properties p = new Properties();
    p.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
    p.put(StreamsConfig.APPLICATION_ID_CONFIG, args[1]);
    p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, Integer.parseInt(args[4]));
    p.put(StreamsConfig.STATE_DIR_CONFIG, Files.createTempDirectory("streams").toString());
    p.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    Topology topology = new Topology();
    topology.addSource("words", new ByteArrayDeserializer(), new ByteArrayDeserializer(), args[2]);
    topology.addProcessor("judge", Judge::new, "words");
    topology.addSink("results", args[3], new ByteArraySerializer(), new ByteArraySerializer(), "judge");
    KafkaStreams streams = new KafkaStreams(topology, p);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(20))));
    streams.start();
  }
}
