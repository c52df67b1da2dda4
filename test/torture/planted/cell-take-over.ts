import type { Cell } from '../cell.ts';
import { behindProxy, COMMITS } from '../faults/proxied.ts';
import { manyFail, NO_DEDUP, PATIENT_CHECK } from './common.ts';

/** Long enough for the old owner to commit what it has at hand, shorter than a request may take. */
const HELD_MS = 1_200;

/** Tasks move while their old owners still commit: the fences of the new one arrive late. */
export const takeOverCell: Cell = {
  number: 103,
  name: 'tasks move while their old owners commit, and fences arrive late',
  holds: 'a fence was held up',
  words: 3_000,
  processors: 2,
  pauseMs: 300,
  failures: manyFail,
  delay: () => 100,
  check: PATIENT_CHECK,
  processor: { ...NO_DEDUP, requestTimeoutMs: '4000', transactionTimeoutMs: '6000' },
  arrange: behindProxy('processor', async (stage, proxy) => {
    await stage.reached(0.1);
    const armed = proxy.arm({ apiKey: COMMITS.InitProducerId, fault: 'hold-request', times: 1_000 });
    const joining = stage.fleet.addProcessor();
    const hit = await Promise.race([armed.hit.then(() => true), stage.pause(20_000).then(() => false)]);
    await stage.pause(HELD_MS);
    armed.disarm();
    armed.release();
    if (hit) stage.mark('fault', `${armed.struck.length} fences held up for ${HELD_MS} ms`);
    else stage.fail('no fence was held up');
    await joining;
    stage.mark('healed', 'three processors work');
  }),
};
