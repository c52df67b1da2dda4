// Generated from schemas/verdikt/*.avsc by `npm run generate`. Do not edit.

/** The answer of one check that looked at the word. */
export interface CheckResult {
  /** Name of the check. */
  readonly check: string;
  /** Its answer; false is an answer, not a failure. */
  readonly answer: boolean;
  /** A text for people, if the check has one. */
  readonly detail: null | string;
}

/** The verdict for one submission: the results of all checks of the chain. */
export interface WordJudged {
  /** Id of the submission, a UUID. */
  readonly id: string;
  /** The word that was checked. */
  readonly word: string;
  /** True when every check answered true. */
  readonly accepted: boolean;
  /** Results in the order of the chain. */
  readonly checks: readonly CheckResult[];
  /** Attempts it took; counts from 1. */
  readonly attempts: number;
  /** When the edge accepted the word; milliseconds since 1970, UTC. */
  readonly submittedAt: number;
  /** When the chain was done; milliseconds since 1970, UTC. */
  readonly judgedAt: number;
  /** Offset that the submission had in the words topic. */
  readonly origin: number;
}

/** One word accepted at the REST edge. Its id, key and trace context are in the headers and key of the record. */
export interface WordSubmitted {
  /** The word, Unicode normalisation form C. */
  readonly word: string;
  /** When the edge accepted it; milliseconds since 1970, UTC. */
  readonly submittedAt: number;
}

/** WordJudged as it is registered. */
export const WORD_JUDGED_SCHEMA =
  '{"type":"record","name":"WordJudged","namespace":"verdikt.v1","doc":"The verdict for one submission: the results of all checks of the chain.","fields":[{"name":"id","type":"string","doc":"Id of the submission, a UUID."},{"name":"word","type":"string","doc":"The word that was checked."},{"name":"accepted","type":"boolean","doc":"True when every check answered true."},{"name":"checks","type":{"type":"array","items":{"type":"record","name":"CheckResult","doc":"The answer of one check that looked at the word.","fields":[{"name":"check","type":"string","doc":"Name of the check."},{"name":"answer","type":"boolean","doc":"Its answer; false is an answer, not a failure."},{"name":"detail","type":["null","string"],"default":null,"doc":"A text for people, if the check has one."}]}},"doc":"Results in the order of the chain."},{"name":"attempts","type":"int","doc":"Attempts it took; counts from 1."},{"name":"submittedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the edge accepted the word; milliseconds since 1970, UTC."},{"name":"judgedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the chain was done; milliseconds since 1970, UTC."},{"name":"origin","type":"long","doc":"Offset that the submission had in the words topic."}]}';

/** WordSubmitted as it is registered. */
export const WORD_SUBMITTED_SCHEMA =
  '{"type":"record","name":"WordSubmitted","namespace":"verdikt.v1","doc":"One word accepted at the REST edge. Its id, key and trace context are in the headers and key of the record.","fields":[{"name":"word","type":"string","doc":"The word, Unicode normalisation form C."},{"name":"submittedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the edge accepted it; milliseconds since 1970, UTC."}]}';
