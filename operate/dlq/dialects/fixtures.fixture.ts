import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importLine, type ExportLine, type Imported } from '../json-line.ts';

interface Fixture {
  /** `recorded`: written by the software itself. `documented`: put together from what it documents. */
  readonly made: 'recorded' | 'documented';
  readonly software: string;
  readonly letters: readonly ExportLine[];
}

/** Dead letters of one dialect, in the order of the log; see test/e2e/dialects. */
export const fixture = (name: string): Imported[] => {
  const text = readFileSync(join(import.meta.dirname, 'fixtures', `${name}.json`), 'utf8');
  return (JSON.parse(text) as Fixture).letters.map((l, i) => importLine(JSON.stringify(l), i + 1));
};

export const FOREIGN_FIXTURES = [
  'spring',
  'spring-cloud',
  'streams',
  'connect',
  'share-group',
  'smallrye',
  'karafka',
] as const;
