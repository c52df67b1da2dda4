import { UNKNOWN_REASON, type DialectReader } from './dialect.ts';
import { decimal, decimalPartition, shortClass, text, topic } from './fields.ts';

const S = '__streams.errors.';
const C = '__connect.errors.';
const G = '__dlq.errors.';

/** Kafka Streams (KIP-1034). */
export const streams: DialectReader = {
  name: 'streams',
  recognises: (r) => r.header(`${S}topic`) !== undefined || r.header(`${S}exception`) !== undefined,
  facts: (r) => ({
    original: {
      topic: topic(r, `${S}topic`),
      partition: decimalPartition(r, `${S}partition`),
      offset: decimal(r, `${S}offset`),
      timestamp: undefined,
    },
    reason: shortClass(text(r, `${S}exception`)) ?? UNKNOWN_REASON,
    error: text(r, `${S}message`) ?? '',
    stage: '',
    attempts: undefined,
  }),
  isOwn: (name) => name.startsWith(S),
};

/** Sinks of Kafka Connect, with `errors.deadletterqueue.context.headers.enable`. */
export const connect: DialectReader = {
  name: 'connect',
  recognises: (r) => r.header(`${C}topic`) !== undefined || r.header(`${C}connector.name`) !== undefined,
  facts: (r) => ({
    original: {
      topic: topic(r, `${C}topic`),
      partition: decimalPartition(r, `${C}partition`),
      offset: decimal(r, `${C}offset`),
      timestamp: undefined,
    },
    reason: shortClass(text(r, `${C}exception.class.name`)) ?? UNKNOWN_REASON,
    error: text(r, `${C}exception.message`) ?? '',
    stage: [text(r, `${C}connector.name`), text(r, `${C}stage`)].filter((t) => t !== undefined).join(' '),
    attempts: undefined,
  }),
  isOwn: (name) => name.startsWith(C),
};

/** Share groups (KIP-1191). Brokers copy key and value only where the group asks for it, and no headers. */
export const shareGroup: DialectReader = {
  name: 'share-group',
  recognises: (r) => r.header(`${G}topic`) !== undefined || r.header(`${G}group`) !== undefined,
  facts: (r) => ({
    original: {
      topic: topic(r, `${G}topic`),
      partition: decimalPartition(r, `${G}partition`),
      offset: decimal(r, `${G}offset`),
      timestamp: undefined,
    },
    reason: text(r, `${G}message`) ?? UNKNOWN_REASON,
    error: text(r, `${G}message`) ?? '',
    stage: text(r, `${G}group`) ?? '',
    attempts: decimal(r, `${G}delivery.count`),
  }),
  isOwn: (name) => name.startsWith(G),
};
