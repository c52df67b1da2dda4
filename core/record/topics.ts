/** Names of the co-partitioned topics of one prefix and group. */
export interface TopicNames {
  readonly words: string;
  readonly results: string;
  readonly retry: string;
  readonly deadLetters: string;
  readonly control: string;
}

/** `prefix` is put before every name as it is, for example `prod.`; default none. */
export const topicNames = (prefix: string, group: string): TopicNames => ({
  words: `${prefix}words`,
  results: `${prefix}results`,
  retry: `${prefix}words.retry.${group}`,
  deadLetters: `${prefix}words.dlq`,
  control: `${prefix}words.control.${group}`,
});

/** What outputs may take beyond a record of `words`, for the headers that we put on top: their topics take so much more. */
export const OUTPUT_HEADROOM_BYTES = 65_536;

/** Copies of dead letters that were redriven too often; of all groups of a prefix. */
export const quarantineTopic = (names: Pick<TopicNames, 'words'>): string => `${names.words}.quarantine`;

/** Fields by which a system is configured; see `topicFields`. */
interface SystemTopics {
  readonly topicPrefix: string;
  readonly group: string;
  readonly sourceTopic?: string | undefined;
  readonly resultTopic?: string | undefined;
  readonly deadLetterTopic?: string | undefined;
}

/** Retry, control and dead-letter topics follow the name of the source, so that processors in a row do not mix theirs. */
export const systemTopics = (c: SystemTopics): TopicNames => {
  const { words, results } = topicNames(c.topicPrefix, c.group);
  const source = c.sourceTopic ?? words;
  return {
    words: source,
    results: c.resultTopic ?? results,
    retry: `${source}.retry.${c.group}`,
    deadLetters: c.deadLetterTopic ?? `${source}.dlq`,
    control: `${source}.control.${c.group}`,
  };
};
