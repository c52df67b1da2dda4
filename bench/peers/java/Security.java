import java.util.Properties;

/** How peers talk to the brokers. */
final class Security {
  private Security() {}

  /** With TLS and this authority, where its file is named. */
  static void put(Properties p, String caFile) {
    if (caFile.isEmpty()) return;
    p.put("security.protocol", "SSL");
    p.put("ssl.truststore.type", "PEM");
    p.put("ssl.truststore.location", caFile);
  }
}
