import { ServiceError, type ErrorCode } from '@verdikt/core/errors.ts';

/** Kafka's name → its number, and what the client makes of it. */
const ANSWERS = {
  OUT_OF_ORDER_SEQUENCE_NUMBER: [45, 'TRANSACTION_FAILED'],
  DUPLICATE_SEQUENCE_NUMBER: [46, 'TRANSACTION_FAILED'],
  INVALID_PRODUCER_EPOCH: [47, 'PRODUCER_FENCED'],
  INVALID_TXN_STATE: [48, 'TRANSACTION_FAILED'],
  INVALID_PRODUCER_ID_MAPPING: [49, 'PRODUCER_FENCED'],
  CONCURRENT_TRANSACTIONS: [51, 'TRANSACTION_FAILED'],
  UNKNOWN_PRODUCER_ID: [59, 'TRANSACTION_FAILED'],
  PRODUCER_FENCED: [90, 'PRODUCER_FENCED'],
} as const satisfies Record<string, readonly [number, ErrorCode]>;

type Refusal = keyof typeof ANSWERS;
export type KafkaAnswer = 'ok' | Refusal | `error ${number}`;

/** The error by which a broker refuses a request; `details.kafka` is Kafka's number. */
export const refusal = (
  answer: Refusal,
  what: string,
  details: Readonly<Record<string, unknown>>,
): ServiceError => {
  const [kafka, code] = ANSWERS[answer];
  return new ServiceError(code, what, { ...details, kafka });
};

/** Kafka's name for its number; 0 is `ok`. */
export const answerOf = (kafka: number): KafkaAnswer => {
  if (kafka === 0) return 'ok';
  const known = Object.entries(ANSWERS).find(([, [number]]) => number === kafka);
  return known === undefined ? `error ${kafka}` : (known[0] as Refusal);
};
