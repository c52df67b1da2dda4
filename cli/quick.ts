import { completion, SHELLS } from './shell/completion.ts';
import type { Usage } from './shell/usage.ts';

/** Where these words lead as far as they name commands. */
const pathOf = (words: readonly string[], usages: readonly Usage[]): Usage | undefined => {
  const byPath = new Map(usages.map((u) => [u.path, u]));
  let path = '';
  for (const word of words) {
    const next = path === '' ? word : `${path} ${word}`;
    if (!byPath.has(next)) {
      // A word that is no command, where commands are expected: the program, which knows all commands, says so.
      if (!word.startsWith('-') && usages.some((u) => path === '' || u.path.startsWith(`${path} `)))
        return undefined;
      break;
    }
    path = next;
  }
  return byPath.get(path);
};

/** What is answered without the code of any command: help, the version, completions. Undefined: a command is to run. */
export const quickAnswer = (
  args: readonly string[],
  usages: readonly Usage[],
  version: string,
): string | undefined => {
  const [first, second, ...more] = args;
  if (first === '--version' || first === '-V') return `${version}\n`;
  if (first === 'completion' && second !== undefined && more.length === 0 && SHELLS.some((s) => s === second))
    return completion(second, usages);
  const end = args.indexOf('--');
  const options = end < 0 ? args : args.slice(0, end);
  if (first === 'help') return pathOf(args.slice(1), usages)?.help;
  return options.includes('--help') || options.includes('-h') ? pathOf(args, usages)?.help : undefined;
};
