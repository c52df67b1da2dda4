import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { completion, SHELLS } from './completion.ts';
import { usageText } from '../docs.ts';
import type { Usage } from './usage.ts';

const usages = JSON.parse(usageText()) as Usage[];
const folder = mkdtempSync(join(tmpdir(), 'verdikt-completion-'));
const script = (shell: string): string => {
  const file = join(folder, `verdikt.${shell}`);
  writeFileSync(file, completion(shell, usages));
  return file;
};
const ran = (shell: string, args: readonly string[]): string[] => {
  const { status, stdout, stderr } = spawnSync(shell, args, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout
    .split('\n')
    .flatMap((l) => (l === '' ? [] : [l.split(/[\t:]/)[0]]))
    .sort();
};
const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

/** How each shell is asked what it offers for the last word. */
const ASK: Readonly<Record<(typeof SHELLS)[number], (words: readonly string[]) => string[]>> = {
  bash: (words) =>
    ran('bash', [
      '-c',
      'source "$0"; COMP_WORDS=(verdikt "$@"); COMP_CWORD=$#; _verdikt; printf "%s\\n" "${COMPREPLY[@]}"',
      script('bash'),
      ...words,
    ]),
  // Without a line editor: what is offered is printed, and cut to the word as zsh would.
  zsh: (words) =>
    ran('zsh', [
      ...['-f', '-c'],
      'compdef() { : }; _describe() { print -l -- ${(P)2} }; _files() { : }; source "$0"; words=(verdikt "$@"); CURRENT=$#words; _verdikt; true',
      script('zsh'),
      ...words,
    ]).filter((w) => w.startsWith(words.at(-1) ?? '')),
  fish: (words) => ran('fish', ['-c', `source ${script('fish')}; complete -C "verdikt ${words.join(' ')}"`]),
};

describe.each(SHELLS)('%s', (shell) => {
  test('knows every command and every option', () => {
    const text = completion(shell, usages);
    for (const { path, options } of usages) {
      expect(text).toContain(`' ${path}'`.replace("' '", "''"));
      for (const { name } of options)
        expect(text).toContain(shell === 'fish' ? `-l ${name.slice(2)} ` : name);
    }
  });

  // bash is everywhere where tests run; the others where somebody installed them.
  (shell === 'bash' || has(shell) ? test : test.skip).each([
    [['d'], ['dlq', 'doctor']],
    [
      ['dlq', 're'],
      ['redrive', 'reset'],
    ],
    [
      ['dlq', 'redrive', '--al'],
      ['--all', '--allow-target'],
    ],
    [['dlq', 'redrive', '--reason', 'x', '--fr'], ['--from-file']],
    [['completion', 'f'], ['fish']],
  ])('offers for `verdikt %j`: %j', (words, offered) => {
    expect(ASK[shell](words)).toEqual(offered);
  });
});
