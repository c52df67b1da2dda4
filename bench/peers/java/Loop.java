import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The practical limit of the official client: one consumer and one transactional producer by hand, in one thread, a transaction every
 * 100 ms: `Loop BROKERS GROUP WORDS RESULTS CA-FILE`. It retries nothing: an error ends it.
 */
public final class Loop {
  private static final int COMMIT_MS = 100;

  public static void main(String[] args) throws Exception {
    Properties c = new Properties();
    c.put("bootstrap.servers", args[0]);
    c.put("group.id", args[1]);
    c.put("auto.offset.reset", "earliest");
    c.put("enable.auto.commit", "false");
    c.put("isolation.level", "read_committed");
    c.put("max.poll.records", "5000");
    Properties p = new Properties();
    p.put("bootstrap.servers", args[0]);
    p.put("transactional.id", args[1]);
    p.put("acks", "all");
    p.put("batch.size", String.valueOf(256 * 1024));
    p.put("linger.ms", "5");
    p.put("buffer.memory", String.valueOf(64 * 1024 * 1024));
    Security.put(c, args[4]);
    Security.put(p, args[4]);
    Thread main = Thread.currentThread();
    try (KafkaConsumer<byte[], byte[]> consumer =
            new KafkaConsumer<>(c, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(p, new ByteArraySerializer(), new ByteArraySerializer())) {
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    consumer.wakeup();
                    try {
                      main.join(20_000);
                    } catch (InterruptedException e) {
                      // It is over anyway.
                    }
                  }));
      producer.initTransactions();
      consumer.subscribe(List.of(args[2]));
      run(consumer, producer, args[3]);
    } catch (WakeupException e) {
      // Told to end; what is not committed is not done.
    }
  }

  private static void run(
      KafkaConsumer<byte[], byte[]> consumer, KafkaProducer<byte[], byte[]> producer, String results) {
    Work work = new Work();
    Map<TopicPartition, OffsetAndMetadata> done = new HashMap<>();
    long begun = 0;
    for (; ; ) {
      var records = consumer.poll(Duration.ofMillis(COMMIT_MS));
      if (!records.isEmpty() && done.isEmpty()) {
        producer.beginTransaction();
        begun = System.currentTimeMillis();
      }
      for (TopicPartition partition : records.partitions()) {
        List<ConsumerRecord<byte[], byte[]>> of = records.records(partition);
        for (ConsumerRecord<byte[], byte[]> r : of) {
          byte[] verdict = work.verdict(r.value(), r.headers().lastHeader("id").value(), r.offset());
          producer.send(
              new ProducerRecord<>(results, partition.partition(), r.key(), verdict, r.headers()));
        }
        done.put(partition, new OffsetAndMetadata(of.get(of.size() - 1).offset() + 1));
      }
      if (done.isEmpty() || System.currentTimeMillis() - begun < COMMIT_MS) continue;
      producer.sendOffsetsToTransaction(done, consumer.groupMetadata());
      producer.commitTransaction();
      done.clear();
    }
  }
}
