import type { Fault } from '../../support/kafka/proxy.ts';
import type { Cell } from '../cell.ts';
import { behindProxy, strikeNext, type CommitRequest } from '../faults/proxied.ts';
import { manyFail, NO_DEDUP, PATIENT_CHECK } from './common.ts';

const STRIKES: readonly (readonly [CommitRequest, Fault])[] = [
  ['Produce', 'drop-response'],
  ['Produce', 'drop-request'],
  ['EndTxn', 'drop-response'],
  ['Produce', 'answer-instead'],
  ['AddOffsetsToTxn', 'drop-response'],
  ['TxnOffsetCommit', 'drop-response'],
  ['EndTxn', 'drop-request'],
];
const TURNS = 2;

/** Requests and answers of commits lost, and answers that say nothing. */
export const answersCell: Cell = {
  number: 102,
  name: 'requests and answers of commits lost, and answers that say nothing',
  holds: 'each of them is struck',
  words: 3_000,
  processors: 2,
  pauseMs: 350,
  failures: manyFail,
  delay: () => 30,
  check: PATIENT_CHECK,
  processor: { ...NO_DEDUP, requestTimeoutMs: '1500', transactionTimeoutMs: '4000' },
  arrange: behindProxy('processor', async (stage, proxy) => {
    await stage.reached(0.05);
    for (let i = 0; i < TURNS; i++)
      for (const [api, fault] of STRIKES) {
        const hit = await strikeNext(stage, proxy, api, fault);
        if (!hit && stage.loading()) stage.fail(`${fault} never struck ${api}`);
        await stage.pause(100);
      }
    stage.mark('healed', 'no more faults');
  }),
};
