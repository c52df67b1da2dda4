import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Circumstances } from './circumstances.ts';

const FOLDER = join(import.meta.dirname, 'results');

/** Writes a file of this name among the results; returns its path. */
export const keep = (name: string, text: string): string => {
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, name);
  writeFileSync(file, text);
  return file;
};

/** The same of raw figures, under the time of the benchmark. */
export const keepFigures = (name: string, of: Circumstances, figures: object): string =>
  keep(`${name}-${of.at.replace(/[:.]/g, '-')}.json`, `${JSON.stringify({ ...of, ...figures }, null, 2)}\n`);
