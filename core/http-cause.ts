const text = (value: unknown): string => (typeof value === 'string' ? value : '');

interface Fault {
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

const faultOf = (error: unknown): Fault => {
  const { name, code, message } = (typeof error === 'object' && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  return { name: text(name), code: text(code), message: text(message) };
};

/** What lies below: causes, and the attempts at several addresses, of which the first tells. */
const below = (error: unknown): unknown => {
  if (typeof error !== 'object' || error === null) return undefined;
  const { cause, errors } = error as { cause?: unknown; errors?: unknown };
  return cause ?? (Array.isArray(errors) ? (errors as unknown[])[0] : undefined);
};

const DNS = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'EAI_NONAME']);
const UNREACHABLE = new Set(['EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES', 'EPERM']);
const TIMEOUT = new Set(['ETIMEDOUT', 'UND_ERR_CONNECT_TIMEOUT']);
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
/** Of OpenSSL's checks of certificates; all others of TLS begin with ERR_TLS, ERR_SSL or EPROTO. */
const CERTIFICATE =
  /^(UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|CERT_|CRL_|ERROR_IN_C|INVALID_(CA|PURPOSE)$|PATH_LENGTH_|HOSTNAME_MISMATCH)/;

/** What kind of trouble this is, in words; undefined: look below it. */
const kindOf = ({ code, message }: Fault, host: string): string | undefined => {
  if (DNS.has(code)) return `DNS: no address for ${host}`;
  if (code === 'ECONNREFUSED') return `refused: nothing listens at ${host}`;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return `TLS: the certificate is not one for ${host}`;
  if (CERTIFICATE.test(code)) return `TLS: the certificate of ${host} is not trusted: ${message}`;
  if (/^(ERR_TLS|ERR_SSL|EPROTO|UND_ERR_PRX_TLS)/.test(code)) return `TLS: no handshake with ${host}`;
  if (TIMEOUT.has(code)) return `time-out: no connection to ${host}`;
  if (UNREACHABLE.has(code)) return `no route to ${host}`;
  if (BROKEN.has(code)) return `the connection to ${host} broke`;
  if (/^HPE_/.test(code)) return `${host} does not answer in HTTP`;
  return undefined;
};

/** Most levels that are looked at. */
const DEPTH = 5;

/** One line that says why a call to `host` has no answer: the kind of trouble, then the code of the system or library. */
export const causeOf = (error: unknown, host: string): string => {
  let last = faultOf(error);
  let at: unknown = error;
  for (let i = 0; i < DEPTH && at !== undefined && at !== null; i++, at = below(at)) {
    const fault = faultOf(at);
    const kind = kindOf(fault, host);
    if (kind !== undefined) return `${kind} (${fault.code})`;
    if (fault.message !== '' || fault.code !== '') last = fault;
  }
  const said = last.message || last.name || String(error);
  return last.code === '' || said.includes(last.code) ? said : `${said} (${last.code})`;
};
