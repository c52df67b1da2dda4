import { expect, test } from '@jest/globals';
import { cliText, commandsOf, EXAMPLES } from './docs.ts';

test('each command has a chapter with each of its options, and an example', () => {
  const text = cliText();
  for (const { path, command } of commandsOf()) {
    const [, chapter] = text.split(`\n## ${path}\n`);
    for (const o of command.options) expect(chapter.split('\n## ')[0]).toContain(`| \`${o.flags}\` |`);
    expect(chapter).toContain(`npm run verdikt -- ${EXAMPLES[path]}`);
  }
});

test('an example names a command and options that exist', () => {
  const commands = new Map(commandsOf().map(({ path, command }) => [path, command]));
  for (const [path, example] of Object.entries(EXAMPLES)) {
    expect(example.startsWith(path)).toBe(true);
    const known = commands.get(path)?.options.map((o) => o.long);
    for (const flag of example.match(/--[a-z-]+/g) ?? []) expect(known).toContain(flag);
  }
});
