import ipaddr from "ipaddr.js";
import { z } from "zod";

/** Body of the request that makes a key. */
export const newApiKeySchema = z
  .strictObject({
    name: z.string().min(1).max(200),
    env: z.enum(["live", "test"]).default("live"),
    permissions: z
      .array(z.string().regex(/^[a-z][a-z0-9.:*-]{0,63}$/))
      .min(1)
      .max(100),
    /** Null: all sites. */
    siteIds: z.array(z.uuid()).min(1).max(1000).nullable().default(null),
    /** Null: from anywhere. */
    ipAllowlist: z
      .array(z.string().refine(isNetwork, "expected a network such as 10.1.0.0/16, without bits behind its prefix"))
      .min(1)
      .max(100)
      .nullable()
      .default(null),
    corsOrigins: z
      .array(z.string().regex(/^https:\/\/[a-z0-9.-]+(:\d+)?$/))
      .max(50)
      .default([]),
    expiresAt: z.iso.datetime().nullable().default(null),
    holder: z.enum(["maker", "tenant"]).default("maker").meta({
      description:
        "maker: the key does what its maker may do at the time, and ends with their account. tenant: nobody limits it",
    }),
  })
  .refine(
    ({ permissions, siteIds }) =>
      !permissions.includes("scim:provision") || (new Set(permissions).size === 1 && siteIds === null),
    "scim:provision stands alone, over all sites: a directory's token is kept outside, and is for nothing else",
  )
  .meta({
    examples: [{ name: "reporting", permissions: ["sites:read", "events:read"], ipAllowlist: ["10.1.0.0/16"] }],
  });

export type NewApiKey = z.infer<typeof newApiKeySchema>;

function isNetwork(text: string): boolean {
  try {
    const [address, prefix] = ipaddr.parseCIDR(text);
    const kind = address.kind() === "ipv6" ? ipaddr.IPv6 : ipaddr.IPv4;
    return kind.networkAddressFromCIDR(text).toString() === address.toString() && prefix >= 0;
  } catch {
    return false;
  }
}
