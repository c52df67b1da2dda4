import { table } from './markdown.ts';
import { ERROR_ACTIONS, type ErrorAction, type ErrorCode } from '../errors.ts';

interface ErrorDoc {
  readonly meaning: string;
  /** For operators, or for a client where the action is `refuse` or `shed`. */
  readonly remedy: string;
  /** Folders whose code raises it; a test compares them with the code. */
  readonly raisedBy: readonly string[];
}

/** Typed over the closed list: a code without its meaning does not compile. */
export const ERROR_DOCS: Readonly<Record<ErrorCode, ErrorDoc>> = {
  CONFIG_INVALID: {
    meaning: 'The configuration is wrong. The message lists every problem with its field.',
    remedy: 'Do what the message says for each field; see [configuration.md](configuration.md).',
    raisedBy: ['core', 'kafka', 'schemas', 'engine', 'operate', 'producer', 'cli'],
  },
  BROKER_UNSUPPORTED: {
    meaning: 'The broker does not support a request version that verdikt needs.',
    remedy: 'Use Kafka 4.x with the classic group protocol enabled.',
    raisedBy: ['kafka'],
  },
  TOPIC_INVALID: {
    meaning:
      'A topic is missing, was created again, or has other partitions or settings than this system needs.',
    remedy:
      'Create missing topics with `npm run verdikt -- init`, or use another prefix; partitions are fixed for the lifetime of a prefix.',
    raisedBy: ['kafka', 'operate', 'producer', 'processor', 'cli'],
  },
  ACCESS_DENIED: {
    meaning: 'The broker refuses this user: the login failed or an access right is missing.',
    remedy: 'Grant the access rights that the message names. The operation is retried automatically.',
    raisedBy: ['kafka'],
  },
  BROKER_UNAVAILABLE: {
    meaning: 'No broker, leader or coordinator answers.',
    remedy: 'If this persists, check the brokers and the network.',
    raisedBy: ['kafka', 'cli'],
  },
  MEMBER_STALE: {
    meaning:
      'The group expelled this processor, usually because it sent no heartbeat within the session timeout.',
    remedy: 'If this recurs, give the processor more CPU or raise `sessionTimeoutMs`.',
    raisedBy: ['kafka'],
  },
  PRODUCER_FENCED: {
    meaning: 'Another processor owns the task now. The unfinished work of this one was not written.',
    remedy:
      'None: this is how a task is handed over. If it never stops, another program uses the transactional IDs of this system.',
    raisedBy: ['kafka'],
  },
  COMMIT_UNCONFIRMED: {
    meaning:
      'The response to a commit was lost. The next fence settles its outcome, and the task restarts from Kafka.',
    remedy: 'If this persists, check the network and the load of the brokers.',
    raisedBy: ['kafka'],
  },
  TRANSACTION_FAILED: {
    meaning: 'A transaction failed. Nothing of it is visible, and the task restarts from Kafka.',
    remedy: 'If this persists, look at the cause in the log.',
    raisedBy: ['kafka', 'engine'],
  },
  OFFSET_LOST: {
    meaning:
      'Records that the task needs are gone: submissions without an outcome, or entries of its retry partition. The message names what is missing, as far as known.',
    remedy:
      'Find out who deleted them (retention, `kafka-delete-records`, an unclean leader election). `npm run verdikt -- audit` lists what is missing. To accept the loss: `npm run verdikt -- offsets set --partition N`.',
    raisedBy: ['kafka', 'engine', 'cli'],
  },
  OFFSET_MOVED: {
    meaning:
      'The committed offset of `words` is not where this system left it: something else set it, or it expired. Continuing would evaluate records twice or skip them.',
    remedy:
      'The message names the right offset: `npm run verdikt -- offsets set --partition N --to <offset>`. To evaluate records again on purpose, set the offset of your choice with the same command.',
    raisedBy: ['engine', 'cli'],
  },
  TOPIC_CHANGED: {
    meaning:
      'A topic of this system was deleted and created again, or its number of partitions was changed. Offsets and lanes of the old topic are not valid in the new one.',
    remedy:
      'The message says which topic, and where `npm run verdikt -- offsets set` is enough. Partitions cannot be removed: set `partitions` back to its old value, make sure that nothing writes to the added ones, and [move to a new topic prefix](../how-to/add-partitions.md) with `npm run verdikt -- copy --to-prefix NEW`.',
    raisedBy: ['kafka', 'engine', 'operate'],
  },
  TOPIC_TAKEN: {
    meaning: 'Another group, or another system, writes to the results or dead letters of this one.',
    remedy: 'Give each group its own topics: set `resultTopic` and `deadLetterTopic`.',
    raisedBy: ['engine'],
  },
  GROUP_TAKEN: {
    meaning: 'The consumer group has members that read other topics, or that are not verdikt processors.',
    remedy: 'Give this system its own group: set `group`.',
    raisedBy: ['kafka'],
  },
  TRANSACTION_HANGING: {
    meaning:
      'An output partition has a transaction that stays open, and the broker does not say whose it is (DescribeProducers is not supported or not granted).',
    remedy:
      'Grant Describe on the output topics, or end the transaction with `kafka-transactions.sh abort`. The task retries automatically.',
    raisedBy: ['kafka'],
  },
  LOG_CORRUPT: {
    meaning: 'Bytes of the log do not match their checksum, or are not record batches.',
    remedy: 'Check the disks of the broker. The task waits and skips nothing.',
    raisedBy: ['kafka'],
  },
  RECORD_TOO_LARGE: {
    meaning:
      'A record is larger than `recordMaxBytes`, or than its topic allows. Its dead letter is a stub without the value, which points at the original in `words`.',
    remedy:
      'Find out who wrote it. If the size is intended, raise `recordMaxBytes` and `max.message.bytes` of all topics, then redrive it. If tasks fail with this code, an output topic does not accept a stub: set its `max.message.bytes` to that of `words` plus 64 KiB.',
    raisedBy: ['kafka', 'cli'],
  },
  RECORD_REJECTED: {
    meaning:
      'The broker does not take a record as it is, or a verdict holds a number that its schema cannot. Another attempt would not help.',
    remedy: 'The message names the field. If the check is yours, correct what it answers; else report a bug.',
    raisedBy: ['kafka', 'schemas'],
  },
  SCHEMA_UNAVAILABLE: {
    meaning:
      'The schema registry does not answer. Records with known schemas proceed. Others wait in their lanes.',
    remedy: 'Check the registry. The request is retried automatically.',
    raisedBy: ['schemas', 'operate', 'processor'],
  },
  SCHEMA_INCOMPATIBLE: {
    meaning: 'A schema in the registry is incompatible with that of this version, or the other way round.',
    remedy: 'Change the schema compatibly; the message names subject and field.',
    raisedBy: ['schemas'],
  },
  DEAD_LETTER_LIMIT: {
    meaning:
      'A task has written as many dead letters as its limit allows. Further records wait in their lanes.',
    remedy:
      'Fix the cause that the reasons name. The task resumes by itself, except after a flood of rejects: then inspect the data and run `npm run verdikt -- dlq reset`.',
    raisedBy: ['operate', 'processor'],
  },
  INPUT_INVALID: {
    meaning: 'The request is not valid. `field` says where.',
    remedy: 'Correct the request. Resending it unchanged does not help.',
    raisedBy: ['kafka', 'operate', 'producer', 'cli'],
  },
  INPUT_TOO_LARGE: {
    meaning: 'The body, the word, the key or the number of submissions exceeds its limit.',
    remedy: 'Send less at once.',
    raisedBy: ['producer'],
  },
  UNAUTHENTICATED: {
    meaning: 'The token is missing, unknown, expired, or of another issuer.',
    remedy:
      'Send `Authorization: Bearer <token>` with a token whose hash is in `tokens`, or with a JWT of `jwtIssuer`.',
    raisedBy: ['producer'],
  },
  FORBIDDEN: {
    meaning:
      'The token is known, but does not have the scope that `field` names. `origin`: the page of another site sent it.',
    remedy: 'Give the client the scope: in `tokens`, or in the claim `jwtScopesClaim` of its JWT.',
    raisedBy: ['producer'],
  },
  MISDIRECTED: {
    meaning:
      'The request was sent to a host name (`Host`) that is not one of this edge: no loopback name and none of `hostNames`.',
    remedy: 'Use `localhost`, or add the name to `hostNames`.',
    raisedBy: ['producer'],
  },
  KEYS_UNAVAILABLE: {
    meaning:
      'The JWT cannot be checked: the keys of the issuer could not be read, or it was signed with one that is newer than those that were.',
    remedy: 'Check `jwtJwksUrl` and the issuer. Keys that were read before still count.',
    raisedBy: ['producer'],
  },
  KEY_REUSED: {
    meaning:
      'The same client has used this `Idempotency-Key` for another word or key, as far as the view of this edge knows. Nothing was stored.',
    remedy: 'Use a new value for each submission, and the same value only to resend it unchanged.',
    raisedBy: ['producer'],
  },
  QUOTA_EXCEEDED: {
    meaning:
      'This client has sent more than `quotaPerSecond` and `quotaBurst` allow. The submission was not accepted.',
    remedy: 'Resend it after `Retry-After`. `RateLimit` on each answer says how many may come.',
    raisedBy: ['producer'],
  },
  NOT_FOUND: {
    meaning:
      'The view does not know this word: it was not accepted, is older than `viewWindowMs`, or belongs to another client. Of operators: there is no such dead letter or operation.',
    remedy: 'Check the ID. Ask with the `at` of `Location`.',
    raisedBy: ['producer'],
  },
  VIEW_OFF: {
    meaning: 'This edge keeps no view, so it cannot say what became of a word.',
    remedy: 'Set `VERDIKT_VIEW=true`, and grant the rights of the view (`verdikt acls plan`).',
    raisedBy: ['producer'],
  },
  VIEW_BEHIND: {
    meaning: 'The view is being built, or has not read far enough to answer.',
    remedy:
      'Ask again after `Retry-After`. If it stays, look for `the view` in the log of the edge: a right may be missing, or its disk be full.',
    raisedBy: ['producer'],
  },
  OPERATORS_OFF: {
    meaning: 'This edge does not serve the routes for operators.',
    remedy: 'Set `VERDIKT_OPERATORS=true`, and grant the rights of the operator (`verdikt acls plan`).',
    raisedBy: ['producer'],
  },
  OPERATORS_AWAY: {
    meaning:
      'The thread for operators cannot answer: Kafka does not answer, a right is missing, or too much is asked at once.',
    remedy: 'Ask again after `Retry-After`. If it stays, look for `operators` in the log of the edge.',
    raisedBy: ['producer'],
  },
  PROCESSORS_AWAY: {
    meaning:
      'A forecast was asked for, and no processor makes one: none runs, the edge cannot reach their management ports, or they have a different `forecastToken`.',
    remedy:
      'Do what the detail says of each processor: start one, let the edge reach its management port or name it with `operatorProcessors`, give edges and processors the same `forecastToken`. `verdikt dlq what-if` needs no processor.',
    raisedBy: ['operate'],
  },
  BUFFER_FULL: {
    meaning: 'Too many submissions wait for Kafka. This one was not accepted.',
    remedy: 'Resend it after `Retry-After`.',
    raisedBy: ['producer'],
  },
  APPEND_UNCONFIRMED: {
    meaning: 'Kafka did not confirm the submission in time: it may or may not be stored.',
    remedy: 'Resend it with the same `Idempotency-Key`. There will be one verdict.',
    raisedBy: ['kafka', 'operate', 'producer'],
  },
  STOPPING: {
    meaning: 'This instance is stopping. The submission was not accepted.',
    remedy: 'Resend it. Another instance accepts it.',
    raisedBy: ['kafka', 'producer'],
  },
  INTERNAL: {
    meaning: 'A bug in verdikt. The log has the cause.',
    remedy: 'Resend it with the same `Idempotency-Key`, and report the bug.',
    raisedBy: ['producer'],
  },
};

const ACTIONS: Readonly<Record<ErrorAction, string>> = {
  halt: 'the process stops with a clear message',
  retry: 'retried with back-off',
  rejoin: 'unfinished work is dropped, and the processor rejoins the group',
  refence: 'the producer is discarded; the task is fenced and rebuilt from Kafka',
  pause: 'the task waits and retries automatically; nothing is skipped',
  'dead-letter': 'the record goes to the dead-letter topic',
  refuse: 'the client gets a 4xx',
  shed: 'the client gets 503 (500 for `INTERNAL`) and may resend',
};

/** What to do about a code, for a terminal; undefined for one that is not known here. */
export const remedyOf = (code: string): string | undefined =>
  (ERROR_DOCS as Readonly<Record<string, ErrorDoc | undefined>>)[code]?.remedy.replaceAll(
    /\[([^\]]*)\]\((\.\.\/)?([^)]*)\)/g,
    (_, text: string, up: string | undefined, page: string) =>
      `${text} (docs/${up === undefined ? 'reference/' : ''}${page})`,
  );

/** `docs/reference/errors.md`. */
export const errorsText = (): string => {
  const codes = Object.keys(ERROR_ACTIONS) as ErrorCode[];
  const rows = codes.map((code) => [
    `\`${code}\``,
    ERROR_ACTIONS[code],
    ERROR_DOCS[code].meaning,
    ERROR_DOCS[code].remedy,
    ERROR_DOCS[code].raisedBy.map((part) => `\`${part}\``).join(', '),
  ]);
  return [
    '# Errors',
    '',
    'Generated from `core/service/error-docs.ts` by `npm run generate`. Do not edit.',
    '',
    'Codes are stable: they appear in logs (`err.code`), in answers of the edge (`code`) and in metrics. Texts may change.',
    '',
    ...table(['action', 'what happens automatically'], Object.entries(ACTIONS)),
    ...table(['code', 'action', 'meaning', 'what to do', 'raised by'], rows),
  ].join('\n');
};
