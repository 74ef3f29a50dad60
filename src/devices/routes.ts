import { z } from "zod";
import { type Principal, withTenant } from "../audit/index.ts";
import { defineRoute, type Route } from "../platform/route.ts";
import { sortedQuery } from "../platform/sorted-list.ts";
import {
  customerRoot,
  describeDevice,
  issueEnrolmentCode,
  listDevices,
  mapCertificate,
  type RevokeDeps,
  registerDevice,
  revokeDevice,
  setDevicePassword,
  writePasswordFile,
} from "./index.ts";
import {
  codeAnswer,
  deviceDetailAnswer,
  deviceStates,
  devicesAnswer,
  mappedAnswer,
  mapping,
  newDevice,
  passwordAnswer,
  registeredAnswer,
  revocation,
  revokedAnswer,
} from "./schema.ts";
import { DEVICE_ORDER } from "./store.ts";

export { deviceOverviewRoutes } from "./overview-routes.ts";

export type DeviceRouteDeps = RevokeDeps & {
  /** PEM of what devices must trust: its fingerprint goes into the code. */
  caPem: string;
  /** PEM of the customer's own device CAs. */
  customerCaPems: readonly string[];
};

const page = z.strictObject({
  site: z.uuid().optional(),
  state: z.enum(deviceStates).optional(),
  ...sortedQuery(DEVICE_ORDER),
});

type Context<B = undefined, Q = undefined> = {
  principal: Principal;
  params: Record<string, string>;
  body: B;
  query: Q;
};

export function deviceRoutes(deps: DeviceRouteDeps): Route<Principal>[] {
  const { pool } = deps;
  return [
    defineRoute({
      method: "get",
      path: "/api/v1/devices",
      summary: "Devices with their last sign of life.",
      permission: "devices:read",
      rate: "general",
      query: page,
      response: devicesAnswer,
      handler: async ({ principal, query }: Context<undefined, z.output<typeof page>>) => {
        const { site: siteId, ...rest } = query;
        return { body: await withTenant(pool, principal, (tx) => listDevices(tx, { ...rest, siteId })) };
      },
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/sites/:siteId/devices",
      summary: "Registers a device: answers with its enrolment code, or, for plain firmware, its password. Shown once.",
      permission: "devices:write",
      rate: "settings",
      action: "device.registered",
      body: newDevice,
      response: registeredAnswer,
      status: 201,
      secret: true,
      problems: [409],
      handler: async ({ principal, params, body }: Context<z.output<typeof newDevice>>) => {
        const answer = await withTenant(pool, principal, async (tx) => {
          const device = await registerDevice(tx, { siteId: params.siteId!, ...body });
          if (body.access === "plain") return { ...device, ...(await setDevicePassword(tx, device.deviceId)) };
          return { ...device, ...(await issueEnrolmentCode(tx, device.deviceId, deps.caPem)) };
        });
        if (body.access !== "plain") return { body: answer };
        return { body: { ...answer, brokerTold: await writePasswords(deps) } };
      },
    }),
    defineRoute<Principal>({
      method: "get",
      path: "/api/v1/devices/:deviceId",
      summary: "One device: what it says of itself, what became of what it sent, its certificates.",
      permission: "devices:read",
      rate: "general",
      response: deviceDetailAnswer,
      handler: async ({ principal, params }) => ({
        body: await withTenant(pool, principal, (tx) => describeDevice(tx, params.deviceId!)),
      }),
    }),
    defineRoute<Principal>({
      method: "post",
      path: "/api/v1/devices/:deviceId/enrolment-code",
      summary: "A new enrolment code; earlier ones end. Shown once.",
      permission: "devices:write",
      rate: "settings",
      action: "device.code-issued",
      response: codeAnswer,
      status: 201,
      secret: true,
      problems: [409],
      handler: async ({ principal, params }) => ({
        body: await withTenant(pool, principal, (tx) => issueEnrolmentCode(tx, params.deviceId!, deps.caPem)),
      }),
    }),
    defineRoute<Principal>({
      method: "post",
      path: "/api/v1/devices/:deviceId/password",
      summary: "A new password for plain firmware. Shown once.",
      permission: "devices:write",
      rate: "settings",
      action: "device.password-set",
      response: passwordAnswer,
      status: 201,
      secret: true,
      problems: [409],
      handler: async ({ principal, params }) => {
        const body = await withTenant(pool, principal, (tx) => setDevicePassword(tx, params.deviceId!));
        return { body: { ...body, brokerTold: await writePasswords(deps) } };
      },
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/devices/:deviceId/certificates",
      summary: "Ties a certificate of the customer's own CA to a device, by itself or by an alternative name.",
      permission: "devices:write",
      rate: "settings",
      action: "device.certificate-mapped",
      body: mapping,
      response: mappedAnswer,
      status: 201,
      problems: [409],
      handler: async ({ principal, params, body }: Context<z.output<typeof mapping>>) => {
        const { certificate: pem, san } = body;
        const wanted = { deviceId: params.deviceId!, pem, ...(san && { san }) };
        const mapped = await withTenant(pool, principal, (tx) => mapCertificate(tx, wanted, deps.customerCaPems));
        return { body: { ...mapped, topics: `${customerRoot}/${mapped.commonName}` } };
      },
    }),
    defineRoute({
      method: "post",
      path: "/api/v1/devices/:deviceId/revoke",
      summary: "Revokes a device for good: its HTTPS ends at once, its MQTT session within 5 seconds.",
      permission: "devices:write",
      rate: "settings",
      action: "device.revoked",
      body: revocation,
      response: revokedAnswer,
      handler: async ({ principal, params, body }: Context<z.output<typeof revocation>>) => {
        const applied = await revokeDevice(deps, principal, { deviceId: params.deviceId!, reason: body.reason });
        return { body: { revoked: true, brokerTold: applied.ok } };
      },
    }),
  ];
}

/** False while the broker cannot be told: it reads the file at its next start. The password is shown once, so it goes out anyway. */
export async function writePasswords({ pool, passwordFile, brokerPidFile }: DeviceRouteDeps): Promise<boolean> {
  if (!passwordFile) return false;
  return writePasswordFile({ pool, passwordFile, ...(brokerPidFile && { brokerPidFile }) }).then(
    () => true,
    () => false,
  );
}
