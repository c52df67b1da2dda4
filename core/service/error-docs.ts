import { ERROR_ACTIONS, type ErrorAction, type ErrorCode } from '../errors.ts';

interface ErrorDoc {
  readonly meaning: string;
  /** For whoever runs the system, or for a client where the action is `refuse` or `shed`. */
  readonly remedy: string;
}

/** Typed over the closed list: a code without its meaning does not compile. */
export const ERROR_DOCS: Readonly<Record<ErrorCode, ErrorDoc>> = {
  CONFIG_INVALID: {
    meaning: 'The configuration is wrong. The message lists every problem with its field.',
    remedy: 'Do what the message says for each field; see [configuration.md](configuration.md).',
  },
  BROKER_UNSUPPORTED: {
    meaning: 'The broker does not speak a version of a request that we need.',
    remedy: 'Use Kafka 4.x with the classic group protocol enabled.',
  },
  TOPIC_INVALID: {
    meaning:
      'A topic is missing, was created anew, or has other partitions or settings than this system needs.',
    remedy:
      'Run `npm run verdikt -- topics apply`, or use another prefix; partitions are fixed for the life of a prefix.',
  },
  ACCESS_DENIED: {
    meaning: 'The broker refuses this user: login or access rights.',
    remedy: 'Grant the access rights that the message names; it is tried again by itself.',
  },
  BROKER_UNAVAILABLE: {
    meaning: 'No broker, leader or coordinator answers.',
    remedy: 'Nothing while it passes. Else look at the brokers and at the network between.',
  },
  MEMBER_STALE: {
    meaning:
      'The group has gone on without this processor, mostly because it was silent for longer than the session.',
    remedy: 'Nothing while it passes. If it comes back: give it more CPU, or raise `sessionTimeoutMs`.',
  },
  PRODUCER_FENCED: {
    meaning: 'Another processor owns the task now; what this one still had in hand was not written.',
    remedy:
      'Nothing: this is how a task is handed over. If it never ends, another program uses the transactional ids of this system.',
  },
  COMMIT_UNCONFIRMED: {
    meaning:
      'The answer to a commit was lost. The next fence makes its outcome known, and the task begins again from Kafka.',
    remedy: 'Nothing while it passes. Else look at the network and the load of the brokers.',
  },
  TRANSACTION_FAILED: {
    meaning: 'A transaction did not come about; nothing of it is visible. The task begins again from Kafka.',
    remedy: 'Nothing while it passes. Else the cause in the log says what to look at.',
  },
  OFFSET_LOST: {
    meaning:
      'Records that the task needs are gone: submissions that were not judged yet, or entries of its retry partition. The message says what is missing, as far as known.',
    remedy:
      'Find out who deleted them (retention, `kafka-delete-records`, an unclean leader election). `npm run verdikt -- audit` lists what is missing. To accept the loss: `npm run verdikt -- offsets set --partition N`.',
  },
  OFFSET_MOVED: {
    meaning:
      'The committed offset of `words` is not where this system left it: somebody else set it, or it expired. Going on would judge records twice or skip them.',
    remedy:
      'The message names the right offset: `npm run verdikt -- offsets set --partition N --to <offset>`. To judge records again on purpose, set the offset that you want with the same command.',
  },
  TOPIC_CHANGED: {
    meaning:
      'A topic of this system was deleted and created again, or its number of partitions was changed. Offsets and lanes of the old topic mean nothing in the new one.',
    remedy:
      'The message says which topic, and where `npm run verdikt -- offsets set` is enough. Partitions cannot be removed: set `partitions` back to what it was, see that nobody writes to the added ones, and move to a new topic prefix with `npm run verdikt -- copy --to-prefix NEW` when you can (docs/operations.md, More partitions).',
  },
  TOPIC_TAKEN: {
    meaning: 'Another group, or another system, writes to the results or dead letters of this one.',
    remedy: 'Give each group topics of its own: set `resultTopic` and `deadLetterTopic`.',
  },
  GROUP_TAKEN: {
    meaning: 'The consumer group has members that read other topics, or that are not verdikt processors.',
    remedy: 'Give this system a group of its own: set `group`.',
  },
  TRANSACTION_HANGING: {
    meaning:
      'An output partition has an open transaction that does not end, and this broker does not say whose it is (DescribeProducers is not offered or not granted).',
    remedy:
      'Grant Describe on the output topics, or end the transaction with `kafka-transactions.sh abort`. The task tries again by itself.',
  },
  LOG_CORRUPT: {
    meaning: 'Bytes of the log do not match their checksum or are no record batches.',
    remedy: 'Look at the disks of the broker. The task waits rather than skip records.',
  },
  RECORD_TOO_LARGE: {
    meaning:
      'A record is larger than `recordMaxBytes`, or than its topic takes. Its dead letter is a stub without the value, which points at the original in `words`.',
    remedy:
      'Find out who wrote it. If its size is right, raise `recordMaxBytes` and `max.message.bytes` of all topics, then redrive it. If tasks fail with this code, an output topic takes less than a stub: set its `max.message.bytes` to that of `words` plus 64 KiB.',
  },
  RECORD_UNDECODABLE: {
    meaning: 'The value is not Avro of a schema that can be read as `WordSubmitted`.',
    remedy: 'Look at who wrote it; the reason is in the headers of the dead letter.',
  },
  RECORD_REJECTED: {
    meaning: 'A check refuses to judge the record, and would at every attempt.',
    remedy: 'The headers of the dead letter name the check and its reason.',
  },
  ATTEMPTS_EXHAUSTED: {
    meaning: 'Every attempt failed.',
    remedy:
      'Mend what the reason in the headers of the dead letter names; raise `retryMaxAttempts` for longer disturbances.',
  },
  SCHEMA_UNAVAILABLE: {
    meaning:
      'The schema registry does not answer. Records of known schemas go on, others wait in their lanes.',
    remedy: 'Look at the registry; it is asked again by itself.',
  },
  SCHEMA_INCOMPATIBLE: {
    meaning:
      'A schema in the registry does not fit ours, or a change of ours does not fit what is registered.',
    remedy: 'Change the schema compatibly; the message names subject and field.',
  },
  DEAD_LETTER_LIMIT: {
    meaning: 'A task has written as many dead letters as its limit allows. Further ones wait in their lanes.',
    remedy:
      'Mend what the reasons name. It goes on by itself, except after a flood of rejects: then look at the data first.',
  },
  INPUT_INVALID: {
    meaning: 'The request is not what the API takes; `field` says where.',
    remedy: 'Correct it; sending it again unchanged will not help.',
  },
  INPUT_TOO_LARGE: {
    meaning: 'Body, word, key or number of submissions is over its limit.',
    remedy: 'Send less at once.',
  },
  UNAUTHENTICATED: {
    meaning: 'The token is missing or unknown.',
    remedy: 'Send `Authorization: Bearer <token>` with a token whose hash is in `tokens`.',
  },
  BUFFER_FULL: {
    meaning: 'More submissions wait for Kafka than may; this one was not taken.',
    remedy: 'Send it again after `Retry-After`.',
  },
  APPEND_UNCONFIRMED: {
    meaning: 'Kafka did not confirm the submission in time: it may or may not be stored.',
    remedy: 'Send it again with the same `Idempotency-Key`; there will be one verdict.',
  },
  STOPPING: {
    meaning: 'This instance is being stopped; the submission was not taken.',
    remedy: 'Send it again; another instance takes it.',
  },
  INTERNAL: {
    meaning: 'A fault of ours. The log has the cause.',
    remedy: 'Send it again with the same `Idempotency-Key`, and report it.',
  },
};

const ACTIONS: Readonly<Record<ErrorAction, string>> = {
  halt: 'the process stops with a clear message',
  retry: 'tried again with back-off',
  rejoin: 'work is dropped, the group joined again',
  refence: 'the producer is discarded, the task fenced again and rebuilt from Kafka',
  pause: 'the task waits and tries again by itself; nothing is skipped',
  'dead-letter': 'the record goes to the dead-letter topic',
  refuse: 'the client gets a 4xx',
  shed: 'the client gets 503 (500 for `INTERNAL`) and may send again',
};

/** `docs/errors.md`. */
export const errorsText = (): string => {
  const codes = Object.keys(ERROR_ACTIONS) as ErrorCode[];
  const rows = codes.map(
    (code) =>
      `| \`${code}\` | ${ERROR_ACTIONS[code]} | ${ERROR_DOCS[code].meaning} | ${ERROR_DOCS[code].remedy} |`,
  );
  return [
    '# Errors',
    '',
    'Generated from `core/service/error-docs.ts` by `npm run generate`. Do not edit.',
    '',
    'Codes are stable: they are in logs (`err.code`), in answers of the edge (`code`) and in metrics. Texts are not.',
    '',
    '| action | what happens by itself |',
    '| --- | --- |',
    ...Object.entries(ACTIONS).map(([action, text]) => `| ${action} | ${text} |`),
    '',
    '| code | action | meaning | what to do |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
};
