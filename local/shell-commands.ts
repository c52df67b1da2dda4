/** How people type commands on a platform: a POSIX shell, or PowerShell on Windows. */
interface ShellCommands {
  /** `command` with these environment variables. */
  withEnv(variables: readonly (readonly [name: string, value: string])[], command: string): string;
  /** Ends a process at once. */
  kill(pid: number | undefined): string;
  /** Posts JSON and shows the answer. */
  post(url: string, json: string): string;
  /** Shows what comes, as it comes. */
  follow(url: string): string;
}

const posixQuoted = (text: string): string =>
  /^[A-Za-z0-9_./:,@-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

const posix: ShellCommands = {
  withEnv: (variables, command) =>
    [...variables.map(([name, value]) => `${name}=${posixQuoted(value)}`), command].join(' '),
  kill: (pid) => `kill -9 ${pid}`,
  post: (url, json) => `curl -i ${url} -H 'content-type: application/json' -d ${posixQuoted(json)}`,
  follow: (url) => `curl -N ${posixQuoted(url)}`,
};

/** Nothing in single quotes is expanded; a quote is written twice. */
const powerShellQuoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const powerShell: ShellCommands = {
  withEnv: (variables, command) =>
    [...variables.map(([name, value]) => `$env:${name}=${powerShellQuoted(value)}`), command].join('; '),
  kill: (pid) => `Stop-Process -Force -Id ${pid}`,
  post: (url, json) =>
    `Invoke-RestMethod -Method Post -Uri ${url} -ContentType application/json -Body ${powerShellQuoted(json)}`,
  follow: (url) => `curl.exe -N ${powerShellQuoted(url)}`,
};

/** @param platform as `process.platform` */
export const shellCommands = (platform: NodeJS.Platform): ShellCommands =>
  platform === 'win32' ? powerShell : posix;
