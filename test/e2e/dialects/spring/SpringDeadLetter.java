import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.kafka.core.DefaultKafkaConsumerFactory;
import org.springframework.kafka.core.DefaultKafkaProducerFactory;
import org.springframework.kafka.core.KafkaTemplate;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DeadLetterPublishingRecoverer;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.kafka.listener.KafkaMessageListenerContainer;
import org.springframework.kafka.listener.MessageListener;
import org.springframework.util.backoff.FixedBackOff;

/** Spring Kafka's own recoverer writes a dead letter. Arguments: brokers, prefix. */
public class SpringDeadLetter {
  public static void main(String[] args) throws Exception {
    String in = args[1] + "orders";
    Map<String, Object> common = Map.of("bootstrap.servers", args[0]);
    try (Admin admin = Admin.create(common)) {
      admin.createTopics(List.of(new NewTopic(in, 3, (short) 1), new NewTopic(in + "-dlt", 3, (short) 1))).all().get();
    }
    var producers = new DefaultKafkaProducerFactory<String, String>(common, new StringSerializer(), new StringSerializer());
    var template = new KafkaTemplate<>(producers);
    for (String value : List.of("fine", "bad 1", "fine", "bad 2")) {
      var r = new ProducerRecord<>(in, 2, System.currentTimeMillis(), "order-7", value);
      r.headers().add("tenant", "north".getBytes());
      template.send(r).get();
    }
    Map<String, Object> consumer =
        Map.of("bootstrap.servers", args[0], "group.id", args[1] + "app", "auto.offset.reset", "earliest");
    var consumers = new DefaultKafkaConsumerFactory<>(consumer, new StringDeserializer(), new StringDeserializer());
    var properties = new ContainerProperties(in);
    properties.setMessageListener((MessageListener<String, String>) r -> {
      if (r.value().startsWith("bad")) throw new IllegalStateException("cannot price " + r.value());
    });
    var container = new KafkaMessageListenerContainer<>(consumers, properties);
    container.setCommonErrorHandler(
        new DefaultErrorHandler(new DeadLetterPublishingRecoverer(template), new FixedBackOff(50, 2)));
    container.start();
    Thread.sleep(12_000);
    container.stop();
    producers.destroy();
  }
}
