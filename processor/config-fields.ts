import { Type } from '@verdikt/core/config/fields.ts';

const int = (minimum: number, byDefault: number, maximum: number, description: string, reason: string) =>
  Type.Integer({ default: byDefault, minimum, maximum, description, reason });

const KiB = 1024;
const MiB = 1024 * KiB;

const topicFields = {
  resultsFormat: Type.Enum(['json', 'avro'], {
    default: 'json',
    description: 'Verdicts as JSON, or as Avro in the wire format of the registry.',
    reason: 'JSON can be read with the plain console consumer.',
  }),
};

const sliceFields = {
  sliceMaxRecords: int(
    1,
    5_000,
    100_000,
    'Records of one slice, which is one transaction.',
    'Beyond some thousand the cost of a transaction is spread thin; what a crash repeats stays small.',
  ),
  sliceMaxBytes: int(
    KiB,
    MiB,
    64 * MiB,
    'Planned output of one slice.',
    'Some thousand verdicts: a transaction costs the broker as much as a thousand records.',
  ),
  sliceMaxMs: int(
    1,
    100,
    10_000,
    'Longest time of one slice, so the wait of a verdict when there is little to do.',
    'A tenth of a second is not felt as a delay, and ten transactions a second per task cost little.',
  ),
  fetchMaxBytes: int(
    16 * KiB,
    2 * MiB,
    64 * MiB,
    'One fetch response, over all tasks.',
    'Large enough for a good rate over a slow link, small enough for a few of them in memory.',
  ),
  readAheadMaxBytes: int(
    16 * KiB,
    512 * KiB,
    64 * MiB,
    'Read ahead per task; one batch may go over it.',
    'A slice or two, so that the task never waits for the network under load.',
  ),
  checkConcurrency: int(
    1,
    64,
    10_000,
    'Checks that run at once in this process; each task always gets one.',
    'As many calls as one service commonly takes from one client.',
  ),
  recordMaxBytes: int(
    KiB,
    1_000_000,
    16 * MiB,
    'Key, value and headers of a record that is looked at; a larger one becomes a dead letter without its value.',
    'About what topics take by default. With all it gains, it still fits the topics of our outputs.',
  ),
  maxBatchBytes: int(
    16 * KiB,
    900_000,
    16 * MiB,
    'One batch of a produce request; must be below `max.message.bytes` of the topics.',
    'The default of brokers is 1,048,588.',
  ),
};

const retryFields = {
  retryMaxAttempts: int(
    1,
    5,
    1_000,
    'Attempts at one record before it becomes a dead letter.',
    'Rides out a restart of a dependency (about 40 s); what fails for longer is seldom mended by waiting.',
  ),
  retryBaseDelayMs: int(
    1,
    1_000,
    3_600_000,
    'Back-off after the first attempt.',
    'Short hiccups are over within a second.',
  ),
  retryMultiplier: Type.Number({
    default: 3,
    minimum: 1,
    maximum: 10,
    description: 'Each back-off is this many times the one before.',
    reason: '1, 3, 9, 27 s: few attempts cover a long time.',
  }),
  retryMaxDelayMs: int(1, 60_000, 86_400_000, 'Longest back-off.', 'The key waits for it, so a minute.'),
  retryJitter: Type.Enum(['full', 'equal', 'none'], {
    default: 'equal',
    description:
      'Spread of a back-off: anywhere in it (`full`), in its second half (`equal`), or exact (`none`).',
    reason: 'Records that failed together do not come back together, and none comes back at once.',
  }),
  unavailableWaitMs: int(
    10,
    2_000,
    600_000,
    'A record whose schema cannot be fetched for now is looked at again after this; it costs no attempt.',
    'The registry is asked rarely, so soon is fine.',
  ),
};

const dedupFields = {
  dedupEnabled: Type.Boolean({
    default: true,
    description: 'Drop a submission that was decided within the window.',
    reason: 'A client that got no answer may send again with the same `Idempotency-Key`.',
  }),
  dedupWindowMs: int(
    1_000,
    600_000,
    86_400_000,
    'How long a decided submission is remembered.',
    'Clients that try again do so within minutes. It is read again when a task moves.',
  ),
  dedupMaxIds: int(
    1,
    1_000_000,
    20_000_000,
    'Decided submissions remembered per task, if the window holds more.',
    '28 to 56 MiB per task, once so many are decided within the window.',
  ),
};

const laneFields = {
  laneMaxEntries: int(
    1,
    1_000_000,
    20_000_000,
    'Outstanding records per task; then the task takes no new ones until some are decided.',
    'About 100 bytes each, 190 where each has a key of its own.',
  ),
  laneValueMaxBytes: int(
    0,
    8 * MiB,
    1024 * MiB,
    'Bytes of outstanding records kept in memory per task; others are fetched again when due.',
    'Holds some ten thousand small records, all of a usual disturbance.',
  ),
  compactionFactor: int(
    2,
    4,
    100,
    'The retry partition is rewritten when it is longer than this many times what is outstanding, plus the slack.',
    'Writes each entry about 1.3 times.',
  ),
  compactionSlack: int(
    0,
    1_000,
    1_000_000,
    'See `compactionFactor`.',
    'A short partition is read in no time and not worth a rewrite.',
  ),
  compactionMaxRecords: int(
    1,
    500,
    10_000,
    'Entries rewritten per transaction.',
    'Takes a small part of a slice.',
  ),
  trimAfterRecords: int(
    1,
    1_000,
    1_000_000,
    'The dead start of the retry partition is deleted once it is this long.',
    'One request to the broker per thousand entries.',
  ),
};

const deadLetterFields = {
  onDeadLetter: Type.Enum(['skip', 'park'], {
    default: 'skip',
    description:
      'When a record becomes a dead letter: its key goes on (`skip`), or waits until an operator redrives or skips the record (`park`).',
    reason: 'A key that stops for ever is a surprise; who needs the order through a redrive asks for it.',
  }),
  maxRedrives: int(
    0,
    10,
    1_000,
    'Redrives of one record; the command for one more is refused.',
    'What has failed ten times over is not mended by one more try.',
  ),
  commandsMax: int(
    1_000,
    1_000_000,
    20_000_000,
    'Redrives and skips that a task remembers, so that none is carried out twice: all that the control topic holds (30 days). Past it further ones are refused.',
    '20 to 40 bytes each.',
  ),
  deadLetterMax: int(
    1,
    100,
    1_000_000,
    'Dead letters that a task may write within the window; then it stops and asks whether something else is broken.',
    'Single bad records pass; a broken dependency does not empty the topic into the dead letters.',
  ),
  deadLetterWindowMs: int(
    1_000,
    60_000,
    86_400_000,
    'See `deadLetterMax`.',
    'A minute is short against the time in which people notice.',
  ),
  deadLetterBackoffMs: int(
    100,
    30_000,
    3_600_000,
    'Pause once the allowance is used up, before one record is tried; doubles while that fails.',
    'Longer than most restarts.',
  ),
  deadLetterMaxBackoffMs: int(
    100,
    600_000,
    86_400_000,
    'Longest such pause.',
    'After a mended outage the task goes on within ten minutes.',
  ),
};

const groupFields = {
  sessionTimeoutMs: int(
    1_000,
    10_000,
    1_800_000,
    'A processor that is silent for so long is replaced.',
    'Covers a pause of the machine or the network, and a killed processor is replaced in seconds.',
  ),
  heartbeatIntervalMs: int(
    100,
    1_000,
    60_000,
    'Also how fast a processor learns that the group changes.',
    'Ten may be lost; one a second costs nothing.',
  ),
  rebalanceTimeoutMs: int(
    1_000,
    30_000,
    1_800_000,
    'How long the group waits for its members to join again.',
    'Tasks go on meanwhile, so it need not be short.',
  ),
  transactionTimeoutMs: int(
    1_000,
    15_000,
    900_000,
    'After it the broker aborts an open transaction; until then a dead owner holds up readers.',
    'A commit takes some milliseconds. Must not be above `transaction.max.timeout.ms` of the brokers (15 min).',
  ),
};

/** Fields of the processor alone, without its chain. */
export const processorFields = {
  ...topicFields,
  ...sliceFields,
  ...retryFields,
  ...dedupFields,
  ...laneFields,
  ...deadLetterFields,
  ...groupFields,
};
