import { expect, test } from '@jest/globals';
import { cliText, commandsOf } from './docs.ts';
import { EXAMPLES } from './examples.ts';

test('each command has a chapter with each of its options, and an example', () => {
  const text = cliText();
  for (const { path, command } of commandsOf()) {
    const [, chapter] = text.split(`\n## ${path}\n`);
    for (const o of command.options) expect(chapter.split('\n## ')[0]).toContain(`| \`${o.flags}\` |`);
    for (const example of EXAMPLES[path]) expect(chapter).toContain(`npm run verdikt -- ${example}`);
  }
});

test('an example names a command and options that exist', () => {
  const commands = new Map(commandsOf().map(({ path, command }) => [path, command]));
  for (const [path, examples] of Object.entries(EXAMPLES)) {
    const known = commands.get(path)?.options.map((o) => o.long);
    for (const example of examples) {
      expect(example.startsWith(path)).toBe(true);
      for (const flag of example.match(/--[a-z-]+/g) ?? []) expect(known).toContain(flag);
    }
  }
});
