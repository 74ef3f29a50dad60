import { appendRow, type TenantTx } from "../audit/index.ts";
import { sqlState } from "../platform/db.ts";
import { conflict, notFound } from "../platform/errors.ts";
import type { Page } from "../platform/sorted-list.ts";
import { type Device, type DeviceState, insertDevice, isPlainAllowed, selectDevice, selectDevices } from "./store.ts";
import { type DeviceCertificate, type DeviceReport, selectCertificates, selectReport } from "./store-detail.ts";

export type NewDevice = { siteId: string; name: string; access?: "mtls" | "plain" };

/** Registers a device at a site. It cannot connect before it has a certificate, or, plain, a password. */
export async function registerDevice(tx: TenantTx, { siteId, name, access = "mtls" }: NewDevice): Promise<Device> {
  if (access === "plain" && !(await isPlainAllowed(tx))) {
    throw conflict("plain firmware is off for this tenant", {
      found: "a device with username and password",
      expected: "a device with a certificate",
      remedy: "allow plain MQTT in the tenant's settings; such devices are marked best effort",
    });
  }
  const deviceId = await insertDevice(tx, { siteId, name, access }).catch((error: unknown) => {
    // The row policy of a site outside the principal's, or no such site: one answer.
    throw ["42501", "23503"].includes(sqlState(error) ?? "") ? notFound("site") : error;
  });
  await appendRow(tx, {
    action: "device.registered",
    entity: { type: "device", id: deviceId },
    units: [{ name: "change", content: JSON.stringify({ after: { siteId, name, access } }) }],
  });
  return requireDevice(tx, deviceId);
}

/** Throws `not-found` for another tenant's device and for one at a site outside the principal's scope. */
export async function requireDevice(tx: TenantTx, deviceId: string): Promise<Device> {
  const device = await selectDevice(tx, deviceId);
  if (!device) throw notFound("device");
  return device;
}

export async function listDevices(
  tx: TenantTx,
  page: Page & { siteId?: string | undefined; state?: DeviceState | undefined },
): Promise<{ devices: Device[]; next: string | null }> {
  return selectDevices(tx, page);
}

export type DeviceDetail = Device & DeviceReport & { certificates: DeviceCertificate[] };

/** One device with what it says of itself, what became of what it sent, and its certificates. */
export async function describeDevice(tx: TenantTx, deviceId: string): Promise<DeviceDetail> {
  const device = await requireDevice(tx, deviceId);
  return { ...device, ...(await selectReport(tx, deviceId)), certificates: await selectCertificates(tx, deviceId) };
}
