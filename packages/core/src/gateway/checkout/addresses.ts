import { lookup } from "node:dns";
import { BlockList, isIP, type LookupFunction } from "node:net";

/**
 * Addresses that are not of the open internet: an owner enters a shop's address, and nobody may lead us by it to a machine that
 * is only reached from inside (https://owasp.org/www-community/attacks/Server_Side_Request_Forgery).
 */
const closed = new BlockList();
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const)
  closed.addSubnet(net, prefix, "ipv4");
// Of IPv6 only what is given out to the open internet; what lies in it and carries an IPv4 address, or is for examples, is not.
const open6 = new BlockList();
open6.addSubnet("2000::", 3, "ipv6");
for (const [net, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const)
  closed.addSubnet(net, prefix, "ipv6");

/** Whether an address is of the open internet. */
export function isOpen(address: string): boolean {
  if (isIP(address) === 4) return !closed.check(address, "ipv4");
  return isIP(address) === 6 && open6.check(address, "ipv6") && !closed.check(address, "ipv6");
}

export class ClosedAddress extends Error {}

/**
 * Looks a name up and refuses where any of its addresses is closed. It is asked at the moment of connecting, so that a name
 * cannot say one thing when it is checked and another when it is used.
 */
export const openLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, "", 0);
    const [first] = addresses;
    if (!first || addresses.some(({ address }) => !isOpen(address)))
      return callback(new ClosedAddress(`${hostname} is not on the open internet`), "", 0);
    if (options.all) return callback(null, addresses);
    callback(null, first.address, first.family);
  });
};
