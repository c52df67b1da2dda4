import java.nio.charset.StandardCharsets;

/** The work of all peers: Avro word in, palindrome check, verdict as JSON out. */
final class Work {
  private static final int WIRE_PREFIX = 5;
  private byte[] bytes;
  private int at;

  byte[] verdict(byte[] value, byte[] id, long origin) {
    bytes = value;
    at = WIRE_PREFIX;
    int length = (int) readLong();
    String word = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    long submittedAt = readLong();
    boolean answer = isPalindrome(word);
    StringBuilder json = new StringBuilder(320).append("{\"id\":");
    text(json, new String(id, StandardCharsets.UTF_8)).append(",\"word\":");
    text(json, word)
        .append(",\"accepted\":").append(answer)
        .append(",\"checks\":[{\"check\":\"palindrome\",\"answer\":").append(answer)
        .append(",\"detail\":null}],\"attempts\":1,\"submittedAt\":").append(submittedAt)
        .append(",\"judgedAt\":").append(System.currentTimeMillis())
        .append(",\"origin\":").append(origin).append('}');
    return json.toString().getBytes(StandardCharsets.UTF_8);
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
}
