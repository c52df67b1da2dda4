import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.eclipse.microprofile.reactive.messaging.Incoming;
import org.jboss.weld.environment.se.Weld;

/** SmallRye Reactive Messaging's own failure strategy writes a dead letter. Arguments: brokers, prefix. */
public class SmallRyeDeadLetter {
  @ApplicationScoped
  public static class Prices {
    @Incoming("orders")
    public void price(String value) {
      if (value.startsWith("bad")) throw new IllegalStateException("cannot price " + value);
    }
  }

  public static void main(String[] args) throws Exception {
    String in = args[1] + "orders";
    String dlq = args[1] + "orders-dlq";
    Map<String, Object> common = Map.of("bootstrap.servers", args[0]);
    try (Admin admin = Admin.create(common)) {
      admin.createTopics(List.of(new NewTopic(in, 3, (short) 1), new NewTopic(dlq, 3, (short) 1))).all().get();
    }
    try (var producer = new KafkaProducer<>(common, new StringSerializer(), new StringSerializer())) {
      for (String value : List.of("fine", "bad 1", "fine", "bad 2")) {
        var r = new ProducerRecord<>(in, 2, System.currentTimeMillis(), "order-7", value);
        r.headers().add("tenant", "north".getBytes());
        producer.send(r).get();
      }
    }
    Map.of(
            "connector", "smallrye-kafka",
            "bootstrap.servers", args[0],
            "topic", in,
            "group.id", args[1] + "app",
            "auto.offset.reset", "earliest",
            "value.deserializer", "org.apache.kafka.common.serialization.StringDeserializer",
            "failure-strategy", "dead-letter-queue",
            "dead-letter-queue.topic", dlq,
            "dead-letter-queue.key.serializer", "org.apache.kafka.common.serialization.StringSerializer",
            "dead-letter-queue.value.serializer", "org.apache.kafka.common.serialization.StringSerializer")
        .forEach((name, value) -> System.setProperty("mp.messaging.incoming.orders." + name, value));
    var container = new Weld().addBeanClass(Prices.class).initialize();
    Thread.sleep(12_000);
    container.shutdown();
    System.exit(0);
  }
}
