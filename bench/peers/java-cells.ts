import { mkdir, readdir, readFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { cachedFolder } from '@verdikt/local/cache.ts';
import { findJava } from '@verdikt/local/java.ts';
import { run, tail } from '@verdikt/local/run.ts';
import type { Cell } from '../cell.ts';
import { kafkaCell, type WorkerTask } from '../kafka-cell.ts';

const sources = join(import.meta.dirname, 'java');
const CLASSES = ['Work.java', 'Security.java', 'Streams.java', 'Loop.java'];
const plugin = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

const must = async (command: string, args: readonly string[], cwd: string): Promise<void> => {
  const ran = await run(command, args, { cwd });
  if (ran.code !== 0)
    throw new Error(`${command} ${args[0]} failed (${ran.code}): ${tail(ran.stdout + ran.stderr)}`);
};

/** The folder with the compiled peers and their libraries, made once per version of the sources. */
const compiled = async (say: (line: string) => void): Promise<string> => {
  const text = await Promise.all(['pom.xml', ...CLASSES].map((f) => readFile(join(sources, f), 'utf8')));
  const version = createHash('sha256').update(text.join()).digest('hex').slice(0, 12);
  return cachedFolder(join('bench', `java-${version}`), async (folder) => {
    say('Fetching Kafka Streams 4.3.1 through Maven and compiling the peers in Java once.');
    const jars = join(folder, 'jars');
    const pom = ['-f', join(sources, 'pom.xml'), plugin];
    await must('mvn', ['-B', '-q', ...pom, `-DoutputDirectory=${jars}`, '-DincludeScope=runtime'], folder);
    const path = (await readdir(jars)).map((f) => join(jars, f)).join(':');
    const classes = join(folder, 'classes');
    await mkdir(classes);
    const files = CLASSES.map((f) => join(sources, f));
    await must('javac', ['--release', '17', '-cp', path, '-d', classes, ...files], folder);
  });
};

/** Start of a command that runs one of the peers in Java; its class and arguments follow. */
export const javaCommand = async (say: (line: string) => void): Promise<readonly [string, ...string[]]> => {
  const { java } = await findJava(17, say);
  const home = await compiled(say);
  return [java, '-Xmx1g', '-cp', `${join(home, 'classes')}:${join(home, 'jars')}/*`];
};

/** What a peer in Java is told of its task. */
type JavaTask = Omit<WorkerTask, 'registryUrl' | 'partitions'>;

const argumentsOf = ({ brokers, group, words, results, tlsCaFile }: JavaTask): string[] => [
  brokers.join(),
  group,
  words,
  results,
  tlsCaFile ?? '',
];

/** Class and arguments of the Streams application, behind {@link javaCommand}. */
export const streamsArguments = (task: JavaTask, threads: number): string[] => [
  'Streams',
  ...argumentsOf(task),
  String(threads),
];

const javaCell = (name: string, title: string, more: (task: JavaTask) => readonly string[]): Cell => {
  let command: readonly [string, ...string[]] | undefined;
  return kafkaCell({
    name,
    title,
    records: Infinity,
    prepare: async ({ say }) => void (command = await javaCommand(say)),
    command: (task) => {
      if (command === undefined) throw new Error('not prepared');
      const [file, ...args] = command;
      return { file, args: [...args, ...more(task)] };
    },
  });
};

export const streamsCell = (threads: number): Cell => {
  const name = threads === 1 ? 'streams' : `streams-${threads}`;
  const title = `Kafka Streams exactly_once_v2, ${threads === 1 ? '1 thread' : `${threads} threads`}`;
  return javaCell(name, title, (task) => streamsArguments(task, threads));
};

export const javaLoopCell = (): Cell =>
  javaCell('java', 'Java consumer and transactional producer', (task) => ['Loop', ...argumentsOf(task)]);
