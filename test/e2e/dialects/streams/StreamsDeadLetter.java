import java.time.Duration;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;

/** Kafka Streams itself writes a dead letter (KIP-1034). Arguments: brokers, prefix. */
public class StreamsDeadLetter {
  public static void main(String[] args) throws Exception {
    String in = args[1] + "orders";
    String dlq = args[1] + "orders-dlq";
    Properties p = new Properties();
    p.put("bootstrap.servers", args[0]);
    try (Admin admin = Admin.create(p)) {
      admin.createTopics(List.of(new NewTopic(in, 3, (short) 1), new NewTopic(dlq, 3, (short) 1))).all().get();
    }
    try (var producer = new KafkaProducer<>(p, new StringSerializer(), new StringSerializer())) {
      for (String value : List.of("fine", "bad 1", "fine", "bad 2")) {
        var r = new ProducerRecord<>(in, 2, System.currentTimeMillis(), "order-7", value);
        r.headers().add("tenant", "north".getBytes());
        producer.send(r).get();
      }
    }
    p.put("application.id", args[1] + "app");
    p.put("state.dir", System.getProperty("java.io.tmpdir") + "/" + args[1] + "state");
    p.put("default.key.serde", Serdes.String().getClass());
    p.put("default.value.serde", Serdes.String().getClass());
    p.put("auto.offset.reset", "earliest");
    p.put("commit.interval.ms", 100);
    p.put("processing.exception.handler", LogAndContinueProcessingExceptionHandler.class);
    p.put("errors.dead.letter.queue.topic.name", dlq);
    var builder = new StreamsBuilder();
    builder.<String, String>stream(in).foreach((k, v) -> {
      if (v.startsWith("bad")) throw new IllegalStateException("cannot price " + v);
    });
    try (var streams = new KafkaStreams(builder.build(), p)) {
      streams.start();
      Thread.sleep(12_000);
      streams.close(Duration.ofSeconds(10));
    }
  }
}
