export { type AuthenticatedDevice, authenticateDevice } from "./authenticate.ts";
export { type BrokerOptions, customerRoot, renderBrokerConfig, writeBrokerConfig } from "./broker.ts";
export {
  type CertificateDates,
  type CertificateSource,
  isHttpsOwnMade,
  openCertificates,
  tellExpiry,
} from "./certificate-dates.ts";
export { type CrlDeps, reloadBroker, writeCrl } from "./crl.ts";
export { readRequest } from "./csr.ts";
export { findCommonNames, mapCertificate } from "./customer-certificates.ts";
export {
  devicePrincipal,
  type EnrolDeps,
  type EnrolmentCode,
  type IssuedCertificate,
  issueEnrolmentCode,
  redeemEnrolmentCode,
  renewCertificate,
} from "./enrol.ts";
export { setDevicePassword, writePasswordFile } from "./passwords.ts";
export { createPki, type PkiFiles } from "./pki.ts";
export { describeDevice, listDevices, type NewDevice, registerDevice } from "./register.ts";
export {
  type Applied,
  applyRevocations,
  endRevokedSessions,
  mayStay,
  type RevocationTask,
  type RevokeDeps,
  repeatRevocation,
  revocationKind,
  revokeDevice,
} from "./revoke.ts";
export { certificateDatesAnswer } from "./schema.ts";
export {
  type BrokerAccess,
  type ConnectedClient,
  endSession,
  loadBrokerAccess,
  type SessionWatch,
  watchSessions,
} from "./sessions.ts";
export type { Device } from "./store.ts";
export { readSigningCa, type SigningCa } from "./x509.ts";
