/** `name=value,name=value`, values percent-encoded; what is not so is left out. */
export const parseHeaderList = (text: string): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (const part of text.split(',')) {
    const at = part.indexOf('=');
    if (at < 1) continue;
    const value = part.slice(at + 1).trim();
    try {
      headers[part.slice(0, at).trim()] = decodeURIComponent(value);
    } catch {
      headers[part.slice(0, at).trim()] = value;
    }
  }
  return headers;
};
