import { UNKNOWN_REASON, type DialectReader } from './dialect.ts';
import { bigEndian, bigEndianPartition, firstText, shortClass, text, topic } from './fields.ts';

const P = 'kafka_dlt-';

/** Spring Kafka's DeadLetterPublishingRecoverer and its retry topics. Partition, offset and time are binary. */
export const spring: DialectReader = {
  name: 'spring',
  recognises: (r) =>
    r.header(`${P}original-topic`) !== undefined || r.header(`${P}exception-fqcn`) !== undefined,
  facts: (r) => ({
    original: {
      topic: topic(r, `${P}original-topic`),
      partition: bigEndianPartition(r, `${P}original-partition`),
      offset: bigEndian(r, `${P}original-offset`),
      timestamp: bigEndian(r, `${P}original-timestamp`),
    },
    // The exception itself is always the wrapper ListenerExecutionFailedException; its cause says why.
    reason:
      shortClass(firstText(r, `${P}exception-cause-fqcn`, `${P}exception-fqcn`, `${P}key-exception-fqcn`)) ??
      UNKNOWN_REASON,
    error: firstText(r, `${P}exception-message`, `${P}key-exception-message`) ?? '',
    stage: text(r, `${P}original-consumer-group`) ?? '',
    attempts: bigEndian(r, 'retry_topic-attempts'),
  }),
  isOwn: (name) =>
    name.startsWith(P) || name.startsWith('retry_topic-') || name.startsWith('springDeserializerException'),
};

/** The Kafka binder of Spring Cloud Stream: other names, binary as well. */
export const springCloud: DialectReader = {
  name: 'spring-cloud',
  recognises: (r) => r.header('x-exception-fqcn') !== undefined && r.header('x-original-topic') !== undefined,
  facts: (r) => ({
    original: {
      topic: topic(r, 'x-original-topic'),
      partition: bigEndianPartition(r, 'x-original-partition'),
      offset: bigEndian(r, 'x-original-offset'),
      timestamp: bigEndian(r, 'x-original-timestamp'),
    },
    reason: shortClass(text(r, 'x-exception-fqcn')) ?? UNKNOWN_REASON,
    error: text(r, 'x-exception-message') ?? '',
    stage: '',
    attempts: undefined,
  }),
  isOwn: (name) =>
    /^x-(original-(topic|partition|offset|timestamp(-type)?)|exception-(fqcn|message|stacktrace))$/.test(
      name,
    ),
};
