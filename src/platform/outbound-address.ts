import { networkInterfaces } from "node:os";
import ipaddr from "ipaddr.js";

export type AddressRules = {
  /** CIDRs that may be reached although they are not public. */
  readonly allow: readonly string[];
  /** Ports of this machine itself that may be reached. */
  readonly loopbackPorts: readonly number[];
};

// No allowlist opens these, however broad it is: they lead to this machine, to its link, to the cloud's metadata, or to another
// address that is only written down inside them.
const neverRanges = new Set([
  "unspecified",
  "broadcast",
  "multicast",
  "linkLocal",
  "loopback",
  "ipv4Mapped",
  "rfc6145",
  "rfc6052",
  "6to4",
  "teredo",
  "deprecatedSiteLocal",
  "discard",
  "segmentRouting",
]);
const ipv4Compatible = ipaddr.parseCIDR("::/96");
const globalUnicast = ipaddr.parseCIDR("2000::/3");

// Metadata services outside 169.254/16: Alibaba, Azure, Oracle, AWS and Google over IPv6.
const metadata = new Set(
  ["100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"].map((each) =>
    ipaddr.parse(each).toNormalizedString(),
  ),
);

type Address = ReturnType<typeof ipaddr.parse>;

/** Null when `address` may be connected to at `port`; otherwise why not, in a few words. */
export function refusalOf(address: string, port: number, { allow, loopbackPorts }: AddressRules): string | null {
  // ipaddr.js also reads 0x7f.1 and 017700000001: what reaches this is a resolver's or a socket's answer, in one spelling.
  if (!ipaddr.IPv6.isValid(address) && !ipaddr.IPv4.isValidFourPartDecimal(address)) return "no address";
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  const here = range === "loopback" || isOwn(parsed);
  if (here) return loopbackPorts.includes(port) ? null : "this machine itself";
  if (neverRanges.has(range) || matches(parsed, ipv4Compatible)) return `of the range ${range}, which is never reached`;
  if (metadata.has(parsed.toNormalizedString())) return "a metadata service's, which is never reached";
  if (range === "unicast" && (parsed.kind() === "ipv4" || matches(parsed, globalUnicast))) return null;
  if (allow.some((network) => matches(parsed, ipaddr.parseCIDR(network)))) return null;
  return range === "unicast" ? "not public" : `not public (${range})`;
}

function matches(address: Address, [base, prefix]: ReturnType<typeof ipaddr.parseCIDR>): boolean {
  return address.kind() === base.kind() && address.match(base, prefix);
}

// A request to an address of our own never leaves the machine: it is as good as loopback.
function isOwn(address: Address): boolean {
  const text = address.toNormalizedString();
  return Object.values(networkInterfaces()).some((list) =>
    list?.some((each) => ipaddr.parse(each.address.split("%")[0]!).toNormalizedString() === text),
  );
}

/** A proxy in front of us: an address, or a network that cannot be everybody. */
export function isProxy(text: string): boolean {
  return ipaddr.isValid(text) || (isCidr(text) && !text.endsWith("/0"));
}

export function isCidr(text: string): boolean {
  return ipaddr.isValidCIDR(text);
}
