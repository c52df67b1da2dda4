import { Type } from '@verdikt/core/config/fields.ts';
import { recordFields } from '@verdikt/core/config/records.ts';
import { forecastFields } from '@verdikt/core/service/forecast.ts';

const int = (minimum: number, byDefault: number, maximum: number, description: string, reason: string) =>
  Type.Integer({ default: byDefault, minimum, maximum, description, reason });

const KiB = 1024;
const MiB = 1024 * KiB;

const topicFields = {
  resultsFormat: Type.Enum(['json', 'json-full', 'avro'], {
    default: 'json',
    description:
      'Format of verdicts: JSON; `json-full`, which also has the key of the record and RFC 3339 times beside the milliseconds; or Avro in the wire format of the registry.',
    reason: 'JSON is readable with the plain console consumer.',
  }),
  cloudEventsSource: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 500,
      format: 'uri-reference',
      description:
        'Verdicts carry the headers of a CloudEvent (`ce_id`, `ce_source`, `ce_type`, …), with this URI reference as `ce_source`, for example `/shop/words`.',
    }),
  ),
};

const proxy = (description: string, alias: readonly string[], secret = true) =>
  Type.Optional(Type.String({ minLength: 1, secret, alias, description }));

/** As other programs read them. */
const proxyFields = {
  httpProxy: proxy('Proxy for `http` checks with an `http:` URL: `http://[user:password@]host:port`.', [
    'http_proxy',
    'HTTP_PROXY',
  ]),
  httpsProxy: proxy(
    'Proxy for `http` checks with an `https:` URL, which is asked for a tunnel: `http://[user:password@]host:port`.',
    ['https_proxy', 'HTTPS_PROXY'],
  ),
  noProxy: proxy(
    'Hosts that are asked directly: `rules, .example.com, 10.0.0.7:8080`, or `*` for all. A name covers its subdomains; ranges of addresses are not understood.',
    ['no_proxy', 'NO_PROXY'],
    false,
  ),
} as const;

const sliceFields = {
  sliceMaxRecords: int(
    1,
    5_000,
    100_000,
    'Maximum number of records in a slice. A slice is one transaction.',
    'Spreads the cost of a transaction over many records, and keeps the work that a crash repeats small.',
  ),
  sliceMaxBytes: int(
    KiB,
    960 * KiB,
    64 * MiB,
    'Size of the output of a slice from which on no record is added to it.',
    'The verdicts of a slice, about two thousand, are one batch of `maxBatchBytes`: a transaction costs the broker as much as a thousand records, and a batch is sent as it lies there.',
  ),
  sliceMaxMs: int(
    1,
    100,
    10_000,
    'Maximum slice duration. A word that comes alone does not wait for it: up to 20 times a second and task, 100 times a second and process, what is decided is committed at once.',
    '0.1 s is not noticed as a delay, and ten transactions per second and task cost little.',
  ),
  fetchMaxBytes: int(
    16 * KiB,
    2 * MiB,
    64 * MiB,
    'Maximum size of a fetch response, over all tasks.',
    'Large enough for a good rate over a slow connection, small enough to keep several in memory.',
  ),
  readAheadMaxBytes: int(
    16 * KiB,
    512 * KiB,
    64 * MiB,
    'Maximum number of bytes read ahead per task. One batch may exceed it.',
    'One or two slices, so that a task does not wait for the network under load.',
  ),
  checkConcurrency: int(
    1,
    64,
    10_000,
    'Maximum number of checks that run at once in this process. Each task can always run one.',
    'As many calls as a service commonly accepts from one client.',
  ),
  ...recordFields,
  maxBatchBytes: int(
    16 * KiB,
    1_000_000,
    16 * MiB,
    'Maximum size of a batch in a produce request. Must be less than `max.message.bytes` of the topics.',
    'The verdicts of a full slice fit into one batch. The default limit of brokers is 1,048,588.',
  ),
};

const retryFields = {
  retryMaxAttempts: int(
    1,
    5,
    1_000,
    'Maximum number of attempts before a record becomes a dead letter.',
    'Rides out the restart of a dependency (about 40 s). Longer failures are rarely fixed by waiting.',
  ),
  retryBaseDelayMs: int(
    1,
    1_000,
    3_600_000,
    'Back-off after the first failed attempt.',
    'Short disturbances are over within a second.',
  ),
  retryMultiplier: Type.Number({
    default: 3,
    minimum: 1,
    maximum: 10,
    description: 'Factor from one back-off to the next.',
    reason: '1, 3, 9, 27 s: a few attempts cover a long time.',
  }),
  retryMaxDelayMs: int(1, 60_000, 86_400_000, 'Maximum back-off.', 'The key waits this long.'),
  retryJitter: Type.Enum(['full', 'equal', 'none'], {
    default: 'equal',
    description:
      'Random spread of a back-off: over all of it (`full`), over its second half (`equal`), or none (`none`).',
    reason: 'Records that failed together are not retried together, and none is retried immediately.',
  }),
  unavailableWaitMs: int(
    10,
    2_000,
    600_000,
    'Delay before a record is tried again whose schema cannot be fetched. It does not count as an attempt.',
    'Requests to the registry are rare.',
  ),
};

const dedupFields = {
  dedup: Type.Enum(['none', 'resubmitted', 'all'], {
    default: 'resubmitted',
    description:
      'Which submissions are remembered, so that they are evaluated once within the dedup window: those that can come twice (`resubmitted`: all but those that an edge accepted without `Idempotency-Key`), `all`, or `none`.',
    reason:
      'A client that got no answer may resend with the same `Idempotency-Key`. What an edge accepts without one is written at most once and costs no memory.',
  }),
  dedupWindowMs: int(
    1_000,
    600_000,
    86_400_000,
    'How long a decided submission is remembered.',
    'Clients usually resend within minutes. The window is read again when a task moves.',
  ),
  dedupMaxIds: int(
    1,
    1_000_000,
    20_000_000,
    'Maximum number of decided submissions remembered per task.',
    '36 to 72 MiB per task if this many are decided within the window.',
  ),
};

const laneFields = {
  memoryLimitMiB: int(
    0,
    0,
    1024 * 1024,
    'Maximum memory of this process, in MiB, at least 224. 0: the limit of its container, else 256.',
    'Everything that grows with work is bounded by it: outstanding records, their values and the dedup window.',
  ),
  laneMaxEntries: int(
    0,
    0,
    20_000_000,
    'Maximum number of outstanding records per task. Beyond it, the task reads no new words until some are decided. 0: as many as `memoryLimitMiB` allows if one process owns all tasks.',
    'About 100 bytes each. With 256 MiB and 12 partitions: about 26,000.',
  ),
  compactionFactor: int(
    2,
    4,
    100,
    'The retry partition is compacted when its length exceeds this factor times the number of outstanding records, plus `compactionSlack`.',
    'Each entry is written about 1.3 times.',
  ),
  compactionSlack: int(
    0,
    1_000,
    1_000_000,
    'See `compactionFactor`.',
    'A short partition is read quickly and not worth compacting.',
  ),
  compactionMaxRecords: int(
    1,
    500,
    10_000,
    'Maximum number of entries rewritten per transaction.',
    'A small part of a slice.',
  ),
  trimAfterRecords: int(
    1,
    1_000,
    1_000_000,
    'The completed start of the retry partition is deleted once it has this many records.',
    'One request to the broker per thousand entries.',
  ),
};

const deadLetterFields = {
  onDeadLetter: Type.Enum(['skip', 'park'], {
    default: 'skip',
    description:
      'What happens to the key when a record becomes a dead letter: it proceeds (`skip`), or it waits until an operator redrives or skips the record (`park`).',
    reason:
      'A key that stops indefinitely would be a surprise. Choose `park` if the order must hold through a redrive.',
  }),
  maxRedrives: int(
    0,
    10,
    1_000,
    'Maximum number of redrives of a record. Further commands are refused.',
    'One more try does not fix what has failed ten times.',
  ),
  commandsMax: int(
    1_000,
    1_000_000,
    20_000_000,
    'Maximum number of redrives and skips that a task remembers, so that none is carried out twice: all that the control topic holds (30 days). Beyond it, further ones are refused.',
    '20 to 40 bytes each.',
  ),
  deadLetterMax: int(
    1,
    100,
    1_000_000,
    'Maximum number of dead letters that a task writes within the window. Beyond it, further ones wait in their lanes.',
    'Single bad records pass, but a broken dependency does not turn the whole topic into dead letters.',
  ),
  deadLetterWindowMs: int(
    1_000,
    60_000,
    86_400_000,
    'See `deadLetterMax`.',
    'Shorter than the time in which people notice a problem.',
  ),
  deadLetterBackoffMs: int(
    100,
    30_000,
    3_600_000,
    'Pause after the limit is reached, before one record is tried. It doubles while that fails.',
    'Longer than most restarts.',
  ),
  deadLetterMaxBackoffMs: int(
    100,
    600_000,
    86_400_000,
    'Maximum length of this pause.',
    'After an outage is fixed, the task resumes within ten minutes.',
  ),
};

const groupFields = {
  sessionTimeoutMs: int(
    1_000,
    10_000,
    1_800_000,
    'A processor that sends no heartbeat for this long is replaced; while the group changes, after half of it.',
    'Covers short pauses of the machine or the network. A killed processor is replaced within seconds.',
  ),
  heartbeatIntervalMs: int(
    100,
    500,
    60_000,
    'Interval between heartbeats; also how fast a processor notices a change of the group.',
    'Half a second is lost twice at most after a crash, and two requests per second cost nothing.',
  ),
  transactionTimeoutMs: int(
    1_000,
    15_000,
    900_000,
    'Time after which the broker aborts an open transaction. Until then, a dead owner blocks readers.',
    'A commit takes milliseconds. Must not exceed `transaction.max.timeout.ms` of the brokers (15 min).',
  ),
};

/** Fields of the processor alone, without its chain. */
export const processorFields = {
  ...topicFields,
  ...proxyFields,
  ...sliceFields,
  ...retryFields,
  ...dedupFields,
  ...laneFields,
  ...deadLetterFields,
  ...groupFields,
  ...forecastFields,
};
