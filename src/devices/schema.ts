import { z } from "zod";
import { count, sha256, timestamp, uuid } from "../platform/formats.ts";
import { nextPage } from "../platform/sorted-list.ts";
import type { CertificateDates } from "./certificate-dates.ts";
import type { EnrolmentCode } from "./enrol.ts";
import type { DeviceDetail } from "./register.ts";
import { type Device, silentMinutes } from "./store.ts";
import type { DeviceCertificate } from "./store-detail.ts";

export const newDevice = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    access: z.enum(["mtls", "plain"]).default("mtls").meta({ description: "plain: firmware without certificates" }),
  })
  .meta({ examples: [{ name: "Lane 2 camera" }] });
export const mapping = z
  .strictObject({
    certificate: z.string().min(1).max(20_000).meta({ description: "PEM" }),
    san: z.string().min(1).max(300).optional().meta({ description: "Every later certificate with this name too" }),
  })
  .meta({
    examples: [
      {
        certificate: "-----BEGIN CERTIFICATE-----\nMIIB…\n-----END CERTIFICATE-----\n",
        san: "dns:gate-7.example.com",
      },
    ],
  });
export const revocation = z
  .strictObject({ reason: z.string().trim().min(1).max(2000) })
  .meta({ examples: [{ reason: "stolen from the mast" }] });

export const deviceStates = ["heard", "silent", "never-heard", "not-enrolled", "revoked"] as const;
const device = z.object({
  deviceId: uuid,
  siteId: uuid,
  name: z.string(),
  state: z.enum(deviceStates).meta({ description: `silent: not heard for ${silentMinutes} minutes` }),
  access: z.enum(["mtls", "plain"]),
  createdAt: timestamp,
  revokedAt: timestamp.nullable(),
  lastSeenAt: timestamp.nullable(),
  certificateNotAfter: timestamp.nullable(),
});
const password = { username: z.string(), password: z.string().meta({ description: "Shown this once" }) };
const brokerTold = z.boolean().meta({ description: "False: the broker learns of it at its next start" });
const code = {
  code: z.string().meta({ description: "Shown this once; ends after 72 hours or its first use" }),
  codeId: uuid,
  expiresAt: timestamp,
};

export const deviceAnswer = device.meta({ id: "Device" }) satisfies z.ZodType<Device>;
const certificate = z
  .object({
    fingerprint: sha256,
    serial: z.string(),
    issuedAt: timestamp,
    notAfter: timestamp,
    revokedAt: timestamp.nullable(),
    commonName: z.string().nullable().meta({ description: "Of the customer's own CA, as its san" }),
    san: z.string().nullable(),
  })
  .meta({ id: "DeviceCertificate" }) satisfies z.ZodType<DeviceCertificate>;
export const deviceDetailAnswer = device
  .extend({
    lastEventAt: timestamp.nullable(),
    lastReceiptAt: timestamp.nullable(),
    rejected: count.meta({ description: "Events refused since it was registered" }),
    lost: count.meta({ description: "Events that it declared lost (edge.gap) since it was registered" }),
    clockSkewMs: z.int().nullable().meta({ description: "Its clock against the appliance's; positive: ahead" }),
    status: z
      .object({ pending: count, pendingBytes: count, version: z.string(), outbox: z.string() })
      .nullable()
      .meta({ description: "What it said last of itself" }),
    codeUntil: timestamp.nullable().meta({ description: "Until when an enrolment code waits to be used" }),
    certificates: z.array(certificate),
  })
  .meta({ id: "DeviceDetail" }) satisfies z.ZodType<DeviceDetail>;
export const devicesAnswer = z.object({ devices: z.array(deviceAnswer), next: nextPage });
export const registeredAnswer = z.union([
  device.extend(code).meta({ id: "DeviceWithCode" }),
  device.extend({ ...password, brokerTold }).meta({ id: "DeviceWithPassword" }),
]);
export const codeAnswer = z.object(code).meta({ id: "EnrolmentCode" }) satisfies z.ZodType<EnrolmentCode>;
export const passwordAnswer = z.object({ ...password, brokerTold });
export const mappedAnswer = z.object({
  fingerprint: sha256,
  commonName: z.string(),
  topics: z.string().meta({ description: "Below which the device speaks on the broker" }),
});
export const revokedAnswer = z.object({ revoked: z.literal(true), brokerTold });

export const certificateDatesAnswer = z
  .object({
    use: z.enum(["https", "device-ca", "customer-device-ca", "worker", "evidence", "revocations"]),
    subject: z.string(),
    issuer: z.string(),
    ownMade: z.boolean().meta({ description: "The appliance made it itself: nobody else knows who signed it" }),
    names: z.array(z.string()).meta({ description: "DNS names and addresses; of the HTTPS certificate alone" }),
    notBefore: timestamp,
    notAfter: timestamp.meta({ description: "Of the list of revoked devices: until when it counts; renewed daily" }),
  })
  .meta({ id: "CertificateDates" }) satisfies z.ZodType<CertificateDates>;
