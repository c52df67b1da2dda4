import type { InRecord } from '@verdikt/core/record/record.ts';
import { UNKNOWN_REASON, type DialectReader } from './dialect.ts';
import { bigEndian, bigEndianPartition, firstText, shortClass, text, topic } from './fields.ts';

/** Its own names, and those of templates that leave out `dlt-`. */
const PREFIXES = ['kafka_dlt-', 'kafka_'] as const;
const TOLD_BY = ['original-topic', 'exception-fqcn', 'exception-cause-fqcn'];
const OWN = /^kafka_(dlt-|original-|exception-|key-exception-)/;

const prefixOf = (r: InRecord): string | undefined =>
  PREFIXES.find((prefix) => TOLD_BY.some((name) => r.header(`${prefix}${name}`) !== undefined));

/** Spring Kafka's DeadLetterPublishingRecoverer and its retry topics. Partition, offset and time are binary. */
export const spring: DialectReader = {
  name: 'spring',
  recognises: (r) => prefixOf(r) !== undefined,
  facts: (r) => {
    const p = prefixOf(r) ?? PREFIXES[0];
    return {
      original: {
        topic: topic(r, `${p}original-topic`),
        partition: bigEndianPartition(r, `${p}original-partition`),
        offset: bigEndian(r, `${p}original-offset`),
        timestamp: bigEndian(r, `${p}original-timestamp`),
      },
      // The exception itself is always the wrapper ListenerExecutionFailedException; its cause says why.
      reason:
        shortClass(
          firstText(r, `${p}exception-cause-fqcn`, `${p}exception-fqcn`, `${p}key-exception-fqcn`),
        ) ?? UNKNOWN_REASON,
      error: firstText(r, `${p}exception-message`, `${p}key-exception-message`) ?? '',
      stage: text(r, `${p}original-consumer-group`) ?? '',
      attempts: bigEndian(r, 'retry_topic-attempts'),
    };
  },
  isOwn: (name) =>
    OWN.test(name) || name.startsWith('retry_topic-') || name.startsWith('springDeserializerException'),
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
