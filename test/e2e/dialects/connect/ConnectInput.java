import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.connect.cli.ConnectStandalone;
import java.nio.file.Files;
import java.nio.file.Path;

/** Kafka Connect itself writes a dead letter: a sink that cannot read the value as JSON. Arguments: brokers, prefix, port. */
public class ConnectInput {
  public static void main(String[] args) throws Exception {
    String in = args[1] + "orders";
    String dlq = args[1] + "orders-dlq";
    Map<String, Object> common = Map.of("bootstrap.servers", args[0]);
    try (Admin admin = Admin.create(common)) {
      admin.createTopics(List.of(new NewTopic(in, 3, (short) 1), new NewTopic(dlq, 3, (short) 1))).all().get();
    }
    try (var producer = new KafkaProducer<>(common, new StringSerializer(), new StringSerializer())) {
      for (String value : List.of("{\"fine\":1}", "bad 1", "{\"fine\":2}", "bad 2")) {
        var r = new ProducerRecord<>(in, 2, System.currentTimeMillis(), "order-7", value);
        r.headers().add("tenant", "north".getBytes());
        producer.send(r).get();
      }
    }
    Path folder = Files.createTempDirectory("connect");
    Path worker = Files.writeString(folder.resolve("worker.properties"), String.join("\n",
        "bootstrap.servers=" + args[0],
        "listeners=http://127.0.0.1:" + args[2],
        "key.converter=org.apache.kafka.connect.storage.StringConverter",
        "value.converter=org.apache.kafka.connect.json.JsonConverter",
        "value.converter.schemas.enable=false",
        "plugin.discovery=only_scan",
        "offset.storage.file.filename=" + folder.resolve("offsets")));
    Path sink = Files.writeString(folder.resolve("sink.properties"), String.join("\n",
        "name=" + args[1] + "sink",
        "connector.class=org.apache.kafka.connect.file.FileStreamSinkConnector",
        "topics=" + in,
        "file=" + folder.resolve("out"),
        "consumer.override.auto.offset.reset=earliest",
        "errors.tolerance=all",
        "errors.deadletterqueue.topic.name=" + dlq,
        "errors.deadletterqueue.topic.replication.factor=1",
        "errors.deadletterqueue.context.headers.enable=true"));
    ConnectStandalone.main(new String[] {worker.toString(), sink.toString()});
  }
}
