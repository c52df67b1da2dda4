/** Those that `--only` names, in its order; all where it is not given. Throws for a name that there is not; `kind` says of what. */
export const named = <T extends { readonly name: string }>(
  kind: string,
  all: readonly T[],
  only: string | undefined,
): readonly T[] =>
  only?.split(',').map((name) => {
    const found = all.find((one) => one.name === name);
    if (found === undefined)
      throw new Error(`there is no ${kind} ${name}; there are ${all.map((one) => one.name).join(', ')}`);
    return found;
  }) ?? all;
