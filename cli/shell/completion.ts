import type { Usage } from './usage.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Options whose value is a file. */
const FILES: ReadonlySet<string> = new Set(['--from-file', '--token-file']);

const childrenOf = (path: string, usages: readonly Usage[]): Usage[] =>
  usages.filter((u) => u.path !== '' && u.path.split(' ').slice(0, -1).join(' ') === path);
const nameOf = (u: Usage): string => u.path.split(' ').at(-1) ?? '';
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** The first sentence, on one line. */
const brief = (text: string): string => text.split(/[.;](?: |$)/)[0] ?? '';
/** The words typed so far that name commands, each with a blank before it, as the scripts keep them. */
const typed = (path: string): string => (path === '' ? '' : ` ${path}`);

const bash = (usages: readonly Usage[]): string =>
  [
    '# Completion of verdikt for bash: source it, or put it where bash-completion looks.',
    '_verdikt() {',
    '  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at= i',
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    '    case "$at ${COMP_WORDS[i]}" in',
    `      ${usages
      .filter((u) => u.path !== '')
      .map((u) => quoted(typed(u.path)))
      .join(' | ')}) at="$at \${COMP_WORDS[i]}" ;;`,
    '    esac',
    '  done',
    '  COMPREPLY=()',
    '  case "$prev" in',
    `    ${[...FILES].join(' | ')}) COMPREPLY=($(compgen -f -- "$cur")); return ;;`,
    '  esac',
    '  case "$at|$prev" in',
    ...usages
      .map((u) => {
        const values = u.options.filter((o) => o.value).map((o) => quoted(`${typed(u.path)}|${o.name}`));
        return values.length === 0 ? '' : `    ${values.join(' | ')}) return ;;`;
      })
      .filter((line) => line !== ''),
    '  esac',
    '  case "$at" in',
    ...usages.map((u) => {
      const words = [
        ...childrenOf(u.path, usages).map(nameOf),
        ...u.choices,
        ...u.options.map((o) => o.name),
      ];
      return `    ${quoted(typed(u.path))}) COMPREPLY=($(compgen -W ${quoted(words.join(' '))} -- "$cur")) ;;`;
    }),
    '  esac',
    '}',
    'complete -F _verdikt verdikt',
  ].join('\n');

const zsh = (usages: readonly Usage[]): string => {
  const described = (name: string, about: string): string =>
    quoted(`${name.replaceAll(':', '\\:')}:${brief(about)}`);
  return [
    '#compdef verdikt',
    '# Completion of verdikt for zsh: source it after compinit, or put it into $fpath as _verdikt.',
    '_verdikt() {',
    '  local at= word previous=${words[CURRENT-1]}',
    '  local -a commands options',
    '  for word in ${words[2,CURRENT-1]}; do',
    '    case "$at $word" in',
    `      ${usages
      .filter((u) => u.path !== '')
      .map((u) => `(${quoted(typed(u.path))})`)
      .join('|')
      .replaceAll(')|(', '|')}) at="$at $word" ;;`,
    '    esac',
    '  done',
    '  case "$previous" in',
    `    (${[...FILES].join('|')}) _files; return ;;`,
    '  esac',
    '  case "$at|$previous" in',
    ...usages.flatMap((u) => {
      const values = u.options.filter((o) => o.value).map((o) => quoted(`${typed(u.path)}|${o.name}`));
      return values.length === 0 ? [] : [`    (${values.join('|')}) return ;;`];
    }),
    '  esac',
    '  case "$at" in',
    ...usages.flatMap((u) => [
      `    (${quoted(typed(u.path))})`,
      `      commands=(${[...childrenOf(u.path, usages).map((c) => described(nameOf(c), c.about)), ...u.choices.map((c) => described(c, ''))].join(' ')})`,
      `      options=(${u.options.map((o) => described(o.name, o.about)).join(' ')}) ;;`,
    ]),
    '  esac',
    '  (( $#commands )) && _describe command commands',
    '  [[ ${words[CURRENT]} == -* ]] && _describe option options',
    '}',
    'compdef _verdikt verdikt',
    'if [ "$funcstack[1]" = "_verdikt" ]; then _verdikt; fi',
  ].join('\n');
};

const fish = (usages: readonly Usage[]): string => {
  const at = (u: Usage): string => `-n "__verdikt_at ${quoted(typed(u.path))}"`;
  return [
    '# Completion of verdikt for fish: put it into ~/.config/fish/completions/verdikt.fish.',
    'function __verdikt_at',
    "    set -l at ''",
    '    for word in (commandline -opc)[2..]',
    '        switch "$at $word"',
    `            case ${usages
      .filter((u) => u.path !== '')
      .map((u) => quoted(typed(u.path)))
      .join(' ')}`,
    '                set at "$at $word"',
    '        end',
    '    end',
    '    test "$at" = "$argv[1]"',
    'end',
    'complete -c verdikt -f',
    ...usages.flatMap((u) => [
      ...childrenOf(u.path, usages).map(
        (c) => `complete -c verdikt ${at(u)} -a ${nameOf(c)} -d ${quoted(brief(c.about))}`,
      ),
      ...u.choices.map((c) => `complete -c verdikt ${at(u)} -a ${c}`),
      ...u.options.map(
        ({ name, about, value }) =>
          `complete -c verdikt ${at(u)} -l ${name.slice(2)} ${value ? `-r ${FILES.has(name) ? '-F ' : ''}` : ''}-d ${quoted(brief(about))}`,
      ),
    ]),
  ].join('\n');
};

/** The script by which a shell completes commands and options. */
export const completion = (shell: string, usages: readonly Usage[]): string =>
  `${(shell === 'fish' ? fish : shell === 'zsh' ? zsh : bash)(usages)}\n`;
