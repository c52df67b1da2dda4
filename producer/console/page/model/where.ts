/** What the page shows. It is in the fragment of the address, so that links and the back button work without a server. */
export type Where =
  | { readonly at: 'home'; readonly word?: string }
  | { readonly at: 'word'; readonly id: string; readonly place?: string }
  /** `asOf`: as it was then, milliseconds since 1970. */
  | { readonly at: 'key'; readonly key: string; readonly asOf?: number }
  | { readonly at: 'tasks' | 'parked' | 'letters' };

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

export const readHash = (hash: string): Where => {
  const [path, query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [what, ...rest] = path.split('/');
  const name = decoded(rest.join('/'));
  const parameters = new URLSearchParams(query);
  if (what === 'words' && name) {
    const place = parameters.get('at');
    return place !== null && /^\d{1,4}\.\d{1,15}$/.test(place)
      ? { at: 'word', id: name, place }
      : { at: 'word', id: name };
  }
  if (what === 'keys' && name) {
    const asOf = parameters.get('asOf');
    return asOf !== null && /^\d{1,15}$/.test(asOf)
      ? { at: 'key', key: name, asOf: Number(asOf) }
      : { at: 'key', key: name };
  }
  if (what === 'tasks' || what === 'parked' || what === 'letters') return { at: what };
  const word = parameters.get('word');
  return word === null || word === '' ? { at: 'home' } : { at: 'home', word };
};

export const wordHash = (id: string, place?: string): string =>
  `#/words/${encodeURIComponent(id)}${place === undefined ? '' : `?at=${place}`}`;
export const keyHash = (key: string, asOf?: number): string =>
  `#/keys/${encodeURIComponent(key)}${asOf === undefined ? '' : `?asOf=${asOf}`}`;

/** `at` of a `Location`. */
export const placeOf = (location: string | null): string | undefined =>
  /[?&]at=(\d{1,4}\.\d{1,15})/.exec(location ?? '')?.[1];
