import type { Output, Size } from './shell.ts';

/** No pause of a recording is longer: nobody watches how a program starts. */
const PAUSE_MS = 1_500;

/** The same with pauses cut, from 0 on. */
export const withoutPauses = (outputs: readonly Output[]): Output[] => {
  let at = 0;
  let last = outputs[0]?.at ?? 0;
  return outputs.map((o) => {
    at += Math.min(PAUSE_MS, o.at - last);
    last = o.at;
    return { at, data: o.data };
  });
};

/** A recording for asciinema, version 2 of its format. */
export const castText = ({ columns, rows }: Size, title: string, outputs: readonly Output[]): string => {
  const header = { version: 2, width: columns, height: rows, title, env: { TERM: 'xterm-256color' } };
  const events = outputs.map(({ at, data }) => [Math.round(at) / 1_000, 'o', data]);
  return [header, ...events].map((line) => `${JSON.stringify(line)}\n`).join('');
};

/** What a terminal is sent by a recording. Throws where the text is no such recording. */
export const outputsOf = (cast: string): Output[] => {
  const [header, ...events] = cast
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  if ((header as { readonly version?: unknown }).version !== 2) throw new Error('not a cast of version 2');
  return (events as [number, string, string][]).map(([at, kind, data]) => {
    if (kind !== 'o') throw new Error(`a cast with ${kind}`);
    return { at: at * 1_000, data };
  });
};
