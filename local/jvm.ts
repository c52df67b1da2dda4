import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { cacheDir } from './cache.ts';
import { findJava } from './java.ts';
import type { Jre } from './java.ts';
import { KAFKA_VERSION, kafkaJars } from './maven.ts';

/** A JRE with Kafka's own jars: what brokers and Kafka's tools run on. */
export interface KafkaRuntime {
  readonly jre: Jre;
  readonly classpath: string;
  /** Class-data archive of this JRE and these jars: halves the time to start. Made by the first broker that stops. */
  readonly archive: string;
}

/** Rejects CONFIG_INVALID with the remedy when Java or Maven is missing. */
export const kafkaRuntime = async (say?: (line: string) => void): Promise<KafkaRuntime> => {
  const jre = await findJava(17, say);
  const jars = await kafkaJars(say);
  const names = (await readdir(jars)).filter((f) => f.endsWith('.jar')).sort();
  // An archive fits one exact class path, so no wildcard.
  const classpath = names.map((f) => join(jars, f)).join(delimiter);
  const build = createHash('sha256')
    .update(`${jre.build} ${jre.java} ${classpath}`)
    .digest('hex')
    .slice(0, 12);
  return { jre, classpath, archive: join(cacheDir, 'kafka', `classes-${KAFKA_VERSION}-${build}.jsa`) };
};

/** Quick to start, slow at its peak: for tests, tools and demos. Nothing but errors of the JVM goes to stderr. */
export const quickFlags = (archive?: string): string[] => [
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Xshare:auto',
  '-Xlog:disable',
  '-Xlog:all=error:stderr',
  ...(archive !== undefined && existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : []),
];

export const commonFlags = (logLevel: 'ERROR' | 'WARN' | 'INFO'): string[] => [
  '-Djava.awt.headless=true',
  `-Dkafka.log.level=${logLevel}`,
  `-Dlog4j2.configurationFile=${join(import.meta.dirname, 'log4j2.properties')}`,
];
