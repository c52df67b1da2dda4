import type { Command } from 'commander';
import { registryOptions } from '@verdikt/core/config/kafka.ts';
import { inspectSubject } from '@verdikt/schemas/inspect.ts';
import type { Flags } from '../shell/config.ts';
import { collect, type DoctorPorts } from '../doctor/collect.ts';
import { expectedOf, loadDoctorConfig, type DoctorConfig } from '../doctor/config.ts';
import { diagnose } from '../doctor/diagnose.ts';
import { doctorText, exitCodeOf, painted, type Paint } from '../doctor/text.ts';
import type { LookOptions, OffsetsReader } from '@verdikt/operate/offsets/look.ts';
import type { Ask } from '@verdikt/operate/status/processors.ts';
import type { AclAdmin } from '@verdikt/core/ports/acls.ts';
import type { ClusterInspector } from '@verdikt/core/ports/inspector.ts';
import type { TopicAdmin } from '@verdikt/core/ports/topics.ts';
import { addCommand, withBrokers, withRegistry, type Answer, type Shell } from '../shell/shell.ts';
import { withPrincipals } from './acls.ts';
import { withProcessors } from './status.ts';

export interface DoctorDeps {
  readonly doctor: {
    /** The cluster, looked at through connections of its own; `close` closes all. */
    readonly open: (config: DoctorConfig) => {
      readonly inspector: ClusterInspector;
      readonly admin: TopicAdmin;
      readonly acls: AclAdmin;
      readonly offsets: OffsetsReader;
      close(): Promise<void>;
    };
    readonly ask: Ask;
    readonly now: () => number;
    readonly wait: (ms: number) => Promise<void>;
    readonly late: LookOptions['late'];
    readonly paint: Paint;
  };
}

type DoctorFlags = Flags & { json?: boolean; strict?: boolean; processor?: readonly string[] };

export const addDoctor = (program: Command, shell: Shell, deps: DoctorDeps): void => {
  const about =
    'Diagnose the system and say what to do: settings, rights, progress, and what waits for an operator or a dependency. Changes nothing. Exit code 1: there are errors, or something could not be looked at.';
  const command = withBrokers(addCommand(program, 'doctor', about));
  withPrincipals(withProcessors(withRegistry(command)))
    .option('--sample-ms <n>', 'time between two samples of progress; 0 takes one sample (3000)')
    .option('--strict', 'exit code 3 if there are warnings')
    .action(async ({ json = false, strict = false, processor = [], ...flags }: DoctorFlags) => {
      await shell.report(json, () => runDoctor(shell, deps.doctor, flags as Flags, { strict, processor }));
    });
};

const runDoctor = async (
  { env, readFile }: Pick<Shell, 'env' | 'readFile'>,
  doctor: DoctorDeps['doctor'],
  flags: Flags,
  { strict, processor }: { readonly strict: boolean; readonly processor: readonly string[] },
): Promise<Answer> => {
  const config = loadDoctorConfig(env, flags, readFile);
  const { schemaRegistryUrl } = config;
  const cluster = doctor.open(config);
  try {
    const ports: DoctorPorts = {
      ...cluster,
      subject:
        schemaRegistryUrl === undefined
          ? undefined
          : (wanted) => inspectSubject(registryOptions({ ...config, schemaRegistryUrl }), wanted),
      ...{ ask: doctor.ask, now: doctor.now, wait: doctor.wait, late: doctor.late },
    };
    const options = { sampleMs: config.sampleMs, processors: processor };
    const findings = diagnose(await collect(ports, expectedOf(config), options));
    return {
      text: doctorText(findings),
      paint: (text) => painted(text, doctor.paint),
      json: { findings },
      code: exitCodeOf(findings, strict),
    };
  } finally {
    await cluster.close();
  }
};
