// Runs in browsers as well.
/** One block of a stream of server-sent events. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  readonly id?: string;
  readonly retry?: number;
}

const LINE = /\r\n|\n|\r/;

const blockOf = (text: string): ServerEvent => {
  let event = 'message';
  let id: string | undefined;
  let retry: number | undefined;
  const data: string[] = [];
  for (const line of text.split(LINE)) {
    const colon = line.indexOf(':');
    if (colon === 0 || line === '') continue;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') event = value;
    else if (field === 'data') data.push(value);
    else if (field === 'id' && !value.includes('\0')) id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) retry = Number(value);
  }
  return {
    ...{ event, data: data.join('\n') },
    ...(id === undefined ? {} : { id }),
    ...(retry === undefined ? {} : { retry }),
  };
};

/** Takes a stream in pieces, however they are cut, and answers the blocks that each completes. */
export const createEventParser = (): ((piece: string) => ServerEvent[]) => {
  let rest = '';
  return (piece) => {
    const blocks = (rest + piece).split(/\r\n\r\n|\n\n|\r\r/);
    rest = blocks.pop() ?? '';
    return blocks.filter((b) => b !== '').map(blockOf);
  };
};
