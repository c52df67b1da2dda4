import { FINDINGS, type FindingCode } from './findings.ts';

/** `docs/doctor.md`. */
export const doctorDocs = (): string => {
  const rows = (Object.keys(FINDINGS) as FindingCode[]).map((code) => {
    const { severity, meaning, remedy } = FINDINGS[code];
    return `| \`${code}\` | ${severity} | ${meaning} | ${remedy} |`;
  });
  return [
    '# verdikt doctor',
    '',
    'Generated from `cli/doctor/findings.ts` by `npm run generate`. Do not edit.',
    '',
    '`npm run verdikt -- doctor` looks at brokers, topics, schemas, access rules, the group and its work, compares them with the',
    'configuration of the processors (give it the same variables), and changes nothing. It needs the rights of `operator`, see',
    '[security.md](security.md). Each thing is looked at by itself: what cannot be looked at is a finding too.',
    '',
    '- `--json` prints `{"findings": [{"code", "severity", "what", "remedy"}]}`.',
    '- `--sample-ms` is the time between two looks at what should move (3,000; 0 leaves it out).',
    '- Exit code 0: no error. 1: errors, or it could not start. 3: warnings, with `--strict` alone.',
    '',
    '| code | severity | meaning | what to do |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
};
