import { beforeAll, describe, expect, test } from '@jest/globals';
import { copyOf, DEFECTS } from '@verdikt/test/support/audit/defects.ts';
import { engineHistory } from '@verdikt/test/support/audit/engine-history.ts';
import { auditRecorded, record, TOPICS, type Recorded } from '@verdikt/test/support/audit/recorded.ts';

/** Histories of the real engine that ended well, without duplicates by intent. */
const histories: Recorded[] = [];
beforeAll(async () => {
  for (let seed = 1; histories.length < 40; seed++) {
    const world = await engineHistory(seed, false);
    if (world?.script.dedup === true) histories.push(record(world));
  }
});

describe('planted in what the engine left behind', () => {
  test('nothing is found before anything is planted', async () => {
    for (const h of histories) expect((await auditRecorded(h, { togetherMs: 60_000 })).findings).toEqual([]);
    expect(histories[0].words.length).toBeGreaterThan(1);
    expect(TOPICS.deadLetters).toBe('words.dlq');
  });

  test.each(Object.keys(DEFECTS))('%s', async (name) => {
    let tried = 0;
    for (const history of histories) {
      const h = copyOf(history);
      const defect = DEFECTS[name](h);
      if (defect === undefined) continue;
      tried++;
      const { findings } = await auditRecorded(h, defect.options);
      expect(findings).toContainEqual(expect.objectContaining({ kind: defect.kind, at: defect.at }));
      const others = findings.filter((f) => f.kind !== defect.kind || f.at !== defect.at);
      for (const other of others) expect(defect.also ?? []).toContain(other.kind);
    }
    expect(tried).toBeGreaterThan(1);
  });
});
