import { afterEach, describe, expect, test } from '@jest/globals';
import { closeEdges } from '@verdikt/test/support/producer/edge.ts';
import { auditsOf, openFilled, openOperators } from '@verdikt/test/support/producer/operators-bench.ts';

afterEach(closeEdges);

describe('POST /v1/dead-letters/reset', () => {
  test('asks the tasks that are named', async () => {
    const b = openFilled();
    const r = await b.post('/v1/dead-letters/reset', { tasks: [1] });
    expect(r.json()).toMatchObject({ tasks: { 1: 'applied' }, cli: 'verdikt dlq reset --partition 1' });
    expect(auditsOf(b)).toMatchObject([['reset', 'olga', { applied: 1 }]]);
  });
  test('a dry run asks nobody', async () => {
    const b = openFilled();
    const r = await b.post('/v1/dead-letters/reset', { all: true, dryRun: true });
    expect(r.json()).toMatchObject({ dryRun: true, tasks: { 0: 'would-reset', 1: 'would-reset' } });
    expect(auditsOf(b)).toEqual([]);
  });
  test.each<[object, string]>([
    [{}, 'tasks'],
    [{ all: true, tasks: [0] }, 'tasks'],
    [{ tasks: [7] }, 'partition'],
    [{ tasks: ['0'] }, 'tasks.0'],
  ])('refuses %j', async (payload, field) => {
    const r = await openFilled().post('/v1/dead-letters/reset', payload);
    expect([r.statusCode, r.json().field]).toEqual([400, field]);
  });
});

test('the tasks are those of `verdikt status`', async () => {
  const r = await openOperators().get('/v1/tasks');
  expect(r.json()).toMatchObject({
    ...{ system: 'words/verdikt', group: { members: 0 }, cli: 'verdikt status --json' },
    tasks: [{ task: 0, owner: null }, { task: 1 }],
    waits: [{ for: 'operator', kind: 'group' }],
  });
});
