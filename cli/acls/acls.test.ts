import { describe, expect, test } from '@jest/globals';
import type { AclAdmin, AclBinding } from '@verdikt/core/ports/acls.ts';
import { run } from '../program.ts';
import { allows } from './allows.ts';

const rule = (more: Partial<AclBinding>): AclBinding => ({
  ...{ principal: 'User:a', host: '*', resource: 'topic', name: 't' },
  ...{ pattern: 'literal', operation: 'read', permission: 'allow' },
  ...more,
});
const wish = { principal: 'User:a', resource: 'topic', name: 't', operation: 'read' } as const;

describe('what rules allow', () => {
  test.each<[string, Partial<AclBinding>[], boolean]>([
    ['nothing without a rule', [], false],
    ['what a rule says', [{}], true],
    ['no other operation', [{ operation: 'write' }], false],
    ['no other topic', [{ name: 'tt' }], false],
    ['no other kind of resource', [{ resource: 'group' }], false],
    ['no other principal', [{ principal: 'User:b' }], false],
    ['what is allowed to everyone', [{ principal: 'User:*' }], true],
    ['everything by one rule', [{ operation: 'all' }], true],
    ['every topic by its star', [{ name: '*' }], true],
    ['a star is no prefix', [{ name: '*', pattern: 'prefixed' }], false],
    ['what begins so', [{ name: '', pattern: 'prefixed' }], true],
    ['nothing that is denied', [{}, { permission: 'deny' }], false],
    ['nothing when all is denied', [{}, { permission: 'deny', operation: 'all' }], false],
    ['not from one address alone', [{ host: '10.0.0.1' }], false],
  ])('%s', (_, rules, answer) => {
    expect(allows(rules.map(rule), wish)).toBe(answer);
  });

  test.each([
    ['describe', 'write', true],
    ['describe', 'create', false],
    ['describe-configs', 'alter-configs', true],
    ['read', 'write', false],
  ] as const)('%s by %s: %p', (operation, granted, answer) => {
    expect(allows([rule({ operation: granted })], { ...wish, operation })).toBe(answer);
  });
});

describe('verdikt acls', () => {
  const setup = (there: AclBinding[] = []) => {
    const seen = { out: '', err: '', closed: 0 };
    const acls: AclAdmin = {
      acls: () => Promise.resolve([...there]),
      addAcls: (more) => Promise.resolve(void there.push(...more)),
      removeAcls: (gone) =>
        Promise.resolve(void there.splice(0, there.length, ...there.filter((b) => !gone.includes(b)))),
      close: () => Promise.resolve(void seen.closed++),
    };
    const deps = {
      ...({ version: '1.2.3' } as Parameters<typeof run>[1]),
      ...{ env: { KAFKA_BROKERS: 'a:1' }, readFile: () => '', acls: () => acls },
      out: (text: string) => void (seen.out += text),
      err: (text: string) => void (seen.err += text),
    };
    return { seen, there, verdikt: (line: string) => run(line.split(' '), deps) };
  };

  test('plan says what is missing by its exit code and changes nothing; apply adds it once', async () => {
    const { seen, there, verdikt } = setup();
    expect([await verdikt('acls plan'), await verdikt('acls apply --dry-run'), there]).toEqual([3, 3, []]);
    expect(seen.out).toContain('would add User:edge: allow write on topic words\n');
    expect(await verdikt('acls apply --json')).toBe(0);
    const n = there.length;
    expect(n).toBeGreaterThan(30);
    expect([await verdikt('acls apply'), await verdikt('acls plan'), there.length]).toEqual([0, 0, n]);
    expect(seen.closed).toBe(5);
  });

  test('what is beyond the table stays unless asked for, and others are left alone', async () => {
    const [extra, other] = [rule({ principal: 'User:edge' }), rule({ principal: 'User:other' })];
    const { seen, there, verdikt } = setup([extra, other]);
    await verdikt('acls apply');
    expect(seen.out).toContain('beyond the table, kept: User:edge: allow read on topic t');
    expect(await verdikt('acls plan')).toBe(0);
    expect(await verdikt('acls plan --prune')).toBe(3);
    await verdikt('acls apply --prune');
    expect([there.includes(extra), there.includes(other)]).toEqual([false, true]);
  });

  test('principals are named by options; none leaves one out', async () => {
    const { there, verdikt } = setup();
    await verdikt(
      'acls apply --edge-principal User:CN=edge --deploy-principal none --operator-principal none',
    );
    expect(new Set(there.map((b) => b.principal))).toEqual(new Set(['User:CN=edge', 'User:processor']));
    await verdikt('acls apply --view-principal User:v');
    expect(there.filter((b) => b.principal === 'User:v').map((b) => `${b.operation} ${b.name}`)).toEqual(
      ['words', 'results', 'words.retry.verdikt', 'words.dlq', 'words.control.verdikt'].map(
        (t) => `read ${t}`,
      ),
    );
    expect(await verdikt('acls apply --edge-principal edge')).toBe(1);
  });

  test('the script needs no broker, and quotes what it prints', async () => {
    const { seen, verdikt } = setup();
    expect(await verdikt(`acls script --edge-principal User:CN=it's --no-users`)).toBe(0);
    expect(seen.out).toContain(`allow 'User:CN=it'\\''s' --topic 'words' --operation Write\n`);
    expect(seen.out).not.toContain('user ');
  });
});
