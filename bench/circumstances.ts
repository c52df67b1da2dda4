import { machineOf } from '@verdikt/test/support/machine.ts';
import { findJava } from '@verdikt/local/java.ts';
import { KAFKA_VERSION } from '@verdikt/local/maven.ts';
import { run } from '@verdikt/local/run.ts';

export interface Circumstances {
  /** ISO 8601. */
  readonly at: string;
  readonly commit: string;
  readonly machine: string;
  readonly versions: string;
}

/** What must be known of a run to make sense of its figures. `-dirty`: of a checkout with changes. */
export const circumstances = async (): Promise<Circumstances> => {
  const cwd = import.meta.dirname;
  const { stdout } = await run('git', ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'], {
    cwd,
  });
  const java = await findJava(17);
  return {
    at: new Date().toISOString(),
    commit: stdout.trim(),
    machine: machineOf(),
    versions: `Kafka ${KAFKA_VERSION}, Java ${java.major}`,
  };
};

export const heading = ({ at, commit, machine, versions }: Circumstances): string =>
  `${at.slice(0, 10)}, commit ${commit}, ${machine}, ${versions}; broker and worker on this machine`;
