import { readFileSync } from 'node:fs';
import type { DoctorDeps } from '../../../cli/commands/doctor.ts';
import { doctorDeps } from '../../../cli/adapters/doctor.ts';
import type { Finding } from '../../../cli/doctor/findings.ts';
import { run } from '../../../cli/program.ts';

export interface Examination {
  readonly code: number;
  readonly findings: readonly Finding[];
  /** Codes of the findings, each once, in order. */
  readonly codes: readonly string[];
}

interface ExamineOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  readonly deps?: Partial<DoctorDeps['doctor']>;
}

/** Runs `verdikt doctor --json` as its `main.ts` does, with these variables and nothing of our own environment. */
export const createExamination =
  (env: Readonly<Record<string, string>>) =>
  async ({ env: more = {}, args = [], deps = {} }: ExamineOptions = {}): Promise<Examination> => {
    const readFile = (path: string): string => readFileSync(path, 'utf8');
    let out = '';
    let err = '';
    const code = await run(['doctor', '--json', ...args], {
      ...({ version: '1.2.3' } as Parameters<typeof run>[1]),
      env: { VERDIKT_SAMPLE_MS: '300', ...env, ...more },
      readFile,
      out: (text) => (out += text),
      err: (text) => (err += text),
      doctor: { ...doctorDeps(readFile), ...deps },
    });
    const { findings } = JSON.parse(out) as { findings?: Finding[] };
    if (findings === undefined) throw new Error(`the doctor fails: ${out}${err}`);
    return { code, findings, codes: [...new Set(findings.map((f) => f.code))] };
  };
