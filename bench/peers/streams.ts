import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cachedFolder } from '@verdikt/local/cache.ts';
import { findJava } from '@verdikt/local/java.ts';
import { run, tail } from '@verdikt/local/run.ts';
import type { Cell } from '../cell.ts';
import { kafkaCell } from '../kafka-cell.ts';

const sources = join(import.meta.dirname, 'streams');

const must = async (command: string, args: readonly string[], cwd: string): Promise<void> => {
  const ran = await run(command, args, { cwd });
  if (ran.code !== 0)
    throw new Error(`${command} ${args[0]} failed (${ran.code}): ${tail(ran.stdout + ran.stderr)}`);
};

/** The Kafka Streams application, compiled once per version of its sources. */
export const streamsCell = (records: number): Cell => {
  let java = 'java';
  let home = '';
  return kafkaCell({
    name: 'streams',
    title: 'Kafka Streams exactly_once_v2',
    records,
    prepare: async ({ say }) => {
      java = (await findJava(17, say)).java;
      const text = await Promise.all(
        ['pom.xml', 'Judge.java'].map((f) => readFile(join(sources, f), 'utf8')),
      );
      const version = createHash('sha256').update(text.join()).digest('hex').slice(0, 12);
      home = await cachedFolder(join('bench', `streams-${version}`), async (folder) => {
        say('Fetching Kafka Streams 4.3.1 through Maven and compiling its application once.');
        const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
        const jars = join(folder, 'jars');
        await must(
          'mvn',
          [
            '-B',
            '-q',
            '-f',
            join(sources, 'pom.xml'),
            plugin,
            `-DoutputDirectory=${jars}`,
            '-DincludeScope=runtime',
          ],
          folder,
        );
        const path = (await readdir(jars)).map((f) => join(jars, f)).join(':');
        await mkdir(join(folder, 'classes'));
        await must(
          'javac',
          ['--release', '17', '-cp', path, '-d', join(folder, 'classes'), join(sources, 'Judge.java')],
          folder,
        );
      });
    },
    command: (task) => ({
      file: java,
      args: [
        '-Xmx1g',
        '-cp',
        `${join(home, 'classes')}:${join(home, 'jars')}/*`,
        'Judge',
        task.brokers.join(','),
        task.group,
        task.words,
        task.results,
        String(availableParallelism()),
      ],
    }),
  });
};
