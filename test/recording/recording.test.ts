import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { castText, outputsOf, withoutPauses } from './cast.ts';
import { framesOf } from './screen.ts';
import { PROMPT } from './shell.ts';
import { svgOf } from './svg.ts';

const SIZE = { columns: 20, rows: 4 };

test('a cast is read as it was written', () => {
  const outputs = [
    { at: 0, data: '$ ' },
    { at: 1_250, data: 'é\u001b[0m\r\n' },
  ];
  expect(outputsOf(castText(SIZE, 'a', outputs))).toEqual(outputs);
});

test('a pause is cut, and what follows comes as much earlier', () => {
  const times = withoutPauses([100, 150, 9_000, 9_010].map((at) => ({ at, data: '' }))).map((o) => o.at);
  expect(times).toEqual([0, 50, 1_550, 1_560]);
});

test('a terminal draws over what it showed, and the last prompt is left out', async () => {
  const frames = await framesOf(SIZE, [
    { at: 0, data: 'go\r\n' },
    { at: 500, data: '1/2' },
    { at: 1_000, data: '\r2/2 <&\r\n\u001b[1;31mdone\u001b[0m\r\n' },
    { at: 1_001, data: PROMPT },
  ]);
  const text = frames.map((f) => f.lines.map((line) => line.map((run) => run.text).join('|')));
  expect(text).toEqual([['$| go'], ['$| go', '1/2'], ['$| go', '2/2 <&', 'done']]);
  expect(frames.at(-1)?.lines[2]).toMatchObject([{ column: 0, cells: 4, bold: true, color: 1 }]);
  const film = svgOf(frames, SIZE.columns, 'A film');
  expect(film).toContain('>2/2 &lt;&amp;</text>');
  expect(film.match(/translateY/g)).toHaveLength(4);
  expect(svgOf(frames.slice(-1), SIZE.columns, 'A still')).not.toContain('translateY');
});

describe('the recording in the docs', () => {
  const folder = join(import.meta.dirname, '../../docs/images');
  const shown = outputsOf(readFileSync(join(folder, 'operator.cast'), 'utf8'))
    .map((o) => o.data)
    .join('');

  test('shows the letter that would harm a terminal as escapes, and sends none of it to the terminal', () => {
    expect(shown).toContain(String.raw`"word": "\u001b[2J\u001b]0;all is well\u0007\u009b31m\u202egnp.elif"`);
    // Only what bash and our own question and progress send: colors, cursor to a column, erase, bracketed paste.
    // eslint-disable-next-line no-control-regex
    const ours = /\u001b\[(?:\?2004[hl]|[\d;]*m|\d*G|\d*J|\d*K)/g;
    expect(shown.replaceAll(ours, '')).not.toMatch(/[^\P{Cc}\r\n\t]|[\u202a-\u202e\u2066-\u2069]/u);
    expect(shown).not.toContain('\u001b[2J');
  });

  test('asks before it redrives, and nothing waits at its end', () => {
    expect(shown).toMatch(/Redrive 7 dead letters\? \[y\/N\] .*y/);
    expect(shown).toContain('redrive: 7 of 7 applied');
    expect(shown.trimEnd()).toMatch(/nothing waits for an operator[^\n]*\r\n[^\n]*\$[^\n]*$/);
  });

  test.each(['status', 'dlq-list', 'dlq-show', 'dlq-redrive'])('%s.svg is a picture of it', (name) => {
    const svg = readFileSync(join(folder, `${name}.svg`), 'utf8');
    const command = /<text [^>]*> (verdikt [^<]+)<\/text>/g;
    const typed = [...svg.matchAll(command)].map(([, text]) => text).sort((a, b) => b.length - a.length)[0];
    expect(shown).toContain(`${typed}\r\n`);
  });
});
