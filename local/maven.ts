import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '@verdikt/core/errors.ts';
import { cachedFolder } from './cache.ts';
import { run, tail } from './run.ts';

export const KAFKA_VERSION = '4.3.1';
export const APICURIO_VERSION = '3.3.3';
const PLUGIN = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1';

type Say = (line: string) => void;

const mvn = async (what: string, args: readonly string[], cwd: string): Promise<void> => {
  const ran = await run('mvn', ['--batch-mode', '--quiet', ...args], { cwd });
  if (ran.code === 0) return;
  const missing = ran.code === 127;
  throw new ServiceError(
    'CONFIG_INVALID',
    missing
      ? `Maven (mvn) is needed to fetch ${what} and is not installed.\n` +
          'Remedy: install Maven (Debian: apt-get install maven), or start a Docker engine, or set KAFKA_BROKERS (and SCHEMA_REGISTRY_URL).'
      : `mvn could not fetch ${what}: ${tail(ran.stdout + ran.stderr)}\n` +
          'Remedy: give mvn access to a repository (settings.xml), or start a Docker engine, or set KAFKA_BROKERS (and SCHEMA_REGISTRY_URL).',
  );
};

/** Folder of Kafka's own jars (46, 44 MB), resolved through Maven once. */
export const kafkaJars = (say: Say = () => undefined): Promise<string> =>
  cachedFolder(join('kafka', `jars-${KAFKA_VERSION}`), async (folder) => {
    say(`Fetching Apache Kafka ${KAFKA_VERSION} (44 MB) through Maven once.`);
    const pom = join(import.meta.dirname, 'kafka-pom.xml');
    const goal = [
      `${PLUGIN}:copy-dependencies`,
      `-DoutputDirectory=${folder}`,
      '-DincludeScope=runtime',
      `-Dkafka.version=${KAFKA_VERSION}`,
    ];
    await mvn(`Apache Kafka ${KAFKA_VERSION}`, ['-f', pom, ...goal], folder);
  });

/** Folder of Apicurio Registry with its `quarkus-run.jar`, resolved through Maven once. */
export const apicurioApp = (say: Say = () => undefined): Promise<string> =>
  cachedFolder(join('apicurio', APICURIO_VERSION), async (folder) => {
    say(`Fetching Apicurio Registry ${APICURIO_VERSION} through Maven once.`);
    const artifact = `io.apicurio:apicurio-registry-app:${APICURIO_VERSION}:tar.gz:all`;
    const what = `Apicurio Registry ${APICURIO_VERSION}`;
    await mvn(
      what,
      [`${PLUGIN}:copy`, `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`, '-Dmdep.stripVersion=true'],
      folder,
    );
    const archive = join(folder, 'apicurio-registry-app-all.tar.gz');
    const opened = await run('tar', ['-xzf', archive, '-C', folder]);
    if (opened.code !== 0)
      throw new ServiceError(
        'CONFIG_INVALID',
        `tar could not open ${what}: ${tail(opened.stderr)}\nRemedy: install tar and gzip.`,
      );
    await rm(archive);
  });
