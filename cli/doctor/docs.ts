import { table } from '@verdikt/core/service/markdown.ts';
import { FINDINGS, type FindingCode } from './findings.ts';

/** `docs/reference/doctor.md`. */
export const doctorDocs = (): string => {
  const rows = (Object.keys(FINDINGS) as FindingCode[]).map((code) => {
    const { severity, meaning, remedy } = FINDINGS[code];
    return [`\`${code}\``, severity, meaning, remedy];
  });
  return [
    '# Doctor findings',
    '',
    'Generated from `cli/doctor/findings.ts` by `npm run generate`. Do not edit.',
    '',
    '`npm run verdikt -- doctor` inspects brokers, topics, schemas, access rules, the group and its progress, compares them with the',
    'configuration of the processors (give it the same variables), and changes nothing. It needs the rights of `operator`, see',
    '[Security](security.md). Inspections are independent of each other: one that fails is a finding too.',
    '',
    'It also names what waits for an operator or a dependency. It reads the retry partitions, which takes as long as restoring them, and',
    'asks the processors at their management ports, as [`verdikt status`](../how-to/status.md) does: at the ports that the members of the',
    'group tell, or at those given with `--processor`, once for each. A member that does not answer is an error, since nobody else knows',
    'what it knows.',
    '',
    'What only waits is a warning: the system does what it is configured to do, and the other keys and tasks go on. A task that has stopped',
    'is an error. `/readyz` of a processor draws the same line.',
    '',
    '- `--json` prints `{"findings": [{"code", "severity", "what", "remedy"}]}`.',
    '- `--sample-ms` is the time between two samples of progress (3,000; 0 takes one sample).',
    '- Exit code 0: no error. 1: errors, something that could not be looked at among them, or it could not start. 3: only warnings, with',
    '  `--strict`.',
    '',
    ...table(['code', 'severity', 'meaning', 'what to do'], rows),
  ].join('\n');
};
