import { at } from '@verdikt/core/at.ts';
import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** IPv4 within IPv6: mapped (RFC 4291), or of the well-known prefix for NAT64 (RFC 6052). */
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96') as [ipaddr.IPv6, number];

/**
 * True for an address of the public Internet. All else is not: private, loopback, link-local, unique local, shared (RFC 6598),
 * multicast, reserved, and what is no address. IPv4 within IPv6 is held to the rules of IPv4; 6to4 and Teredo are not public.
 */
export const isPublic = (text: string): boolean => {
  if (isIP(text) === 0) return false;
  const address = ipaddr.process(text);
  if (address.kind() === 'ipv4') return address.range() === 'unicast';
  const v6 = address as ipaddr.IPv6;
  const bytes = v6.toByteArray();
  if (v6.match(NAT64)) return isPublic(bytes.slice(12).join('.'));
  // Global unicast is 2000::/3; `unicast` is also what nothing else is.
  return v6.range() === 'unicast' && (bytes[0] ?? 0) >> 5 === 1;
};

/** The address that the host of a URL is, without brackets; undefined for a name. */
export const literalOf = (hostname: string): string | undefined => {
  const bare = hostname.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) === 0 ? undefined : bare;
};

class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
}

type Resolve = (
  hostname: string,
  options: LookupOptions & { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Finds addresses for a connection that must be public ones. What it returns is what is connected to, so a name that changes between
 * check and connection gains nothing. One address that is not public refuses the name: it is not for us to pick.
 */
export const publicLookup =
  (resolve: Resolve = systemLookup): LookupFunction =>
  (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '');
      const refused = addresses.find(({ address }) => !isPublic(address));
      if (refused !== undefined || addresses.length === 0) {
        const which = refused === undefined ? 'no address' : refused.address;
        const message = `address refused: ${hostname} is ${which}, which is not a public address`;
        return callback(new AddressRefused(message), '');
      }
      if (options.all === true) return callback(null, addresses);
      const first = at(addresses, 0);
      callback(null, first.address, first.family);
    });
  };
