import { type ComponentType, lazy } from "react";
import { WaitingForMe } from "./waiting-for-me.tsx";

export type PageEntry = {
  /** Below /console/. */
  path: string;
  /** In the navigation; absent for pages that others lead to. */
  nav?: {
    /** Absent: before all groups. */
    group?: string;
    title: string;
    /** How much of it waits for whoever looks. */
    Count?: ComponentType;
    /** Until the tenant's first steps are done. */
    whileSetup?: true;
  };
  /** Any of these permissions makes it worth showing; none: everyone's. */
  permissions: readonly string[];
  /** Only to who has it over all sites. */
  wholeTenant?: true;
  Page: ComponentType;
};

const page = (load: () => Promise<{ Page: ComponentType }>): ComponentType =>
  lazy(async () => ({ default: (await load()).Page }));

const signOn = page(() => import("../pages/sign-on/sign-on-page.tsx"));

const notices = page(() => import("../pages/notices/notices-page.tsx"));

/** Every page, each a chunk of its own, in the order of the navigation. */
export const pages: readonly PageEntry[] = [
  {
    path: "overview",
    nav: { title: "Overview" },
    permissions: ["events:read", "devices:read", "retention:read", "holds:read", "ledger:read", "tenant:read"],
    Page: page(() => import("../pages/overview/overview-page.tsx")),
  },
  {
    path: "setup",
    nav: { title: "Setup", whileSetup: true },
    permissions: ["tenant:write"],
    wholeTenant: true,
    Page: page(() => import("../pages/setup/setup-page.tsx")),
  },
  {
    path: "events",
    nav: { group: "What came in", title: "Events" },
    permissions: ["events:read"],
    Page: page(() => import("../pages/events/events-page.tsx")),
  },
  { path: "events/:eventId", permissions: ["events:read"], Page: page(() => import("../pages/events/event-page.tsx")) },
  {
    path: "sites",
    nav: { group: "Estate", title: "Sites" },
    permissions: ["sites:read"],
    Page: page(() => import("../pages/sites/sites-page.tsx")),
  },
  { path: "sites/:siteId", permissions: ["sites:read"], Page: page(() => import("../pages/sites/site-page.tsx")) },
  {
    path: "devices",
    nav: { group: "Estate", title: "Devices" },
    permissions: ["devices:read"],
    Page: page(() => import("../pages/devices/devices-page.tsx")),
  },
  {
    path: "devices/:deviceId",
    permissions: ["devices:read"],
    Page: page(() => import("../pages/devices/device-page.tsx")),
  },
  {
    path: "retention",
    nav: { group: "Keeping and erasing", title: "Retention" },
    permissions: ["retention:read"],
    Page: page(() => import("../pages/retention/policies-page.tsx")),
  },
  {
    path: "retention/upcoming",
    permissions: ["retention:read"],
    Page: page(() => import("../pages/retention/upcoming-page.tsx")),
  },
  {
    path: "retention/erasures",
    permissions: ["erasures:read"],
    Page: page(() => import("../pages/retention/erasures-page.tsx")),
  },
  {
    path: "retention/dead-letters",
    permissions: ["events:read"],
    Page: page(() => import("../pages/retention/letters-page.tsx")),
  },
  {
    path: "holds",
    nav: { group: "Keeping and erasing", title: "Legal holds" },
    permissions: ["holds:read"],
    Page: page(() => import("../pages/holds/holds-page.tsx")),
  },
  {
    path: "erasure-requests",
    nav: { group: "Keeping and erasing", title: "Erasure requests" },
    permissions: ["erasures:read"],
    wholeTenant: true,
    Page: page(() => import("../pages/erasure-requests/cases-page.tsx")),
  },
  {
    path: "erasure-requests/direct",
    permissions: ["erasures:read"],
    wholeTenant: true,
    Page: page(() => import("../pages/erasure-requests/requests-page.tsx")),
  },
  {
    path: "erasure-requests/direct/:requestId",
    permissions: ["erasures:read"],
    wholeTenant: true,
    Page: page(() => import("../pages/erasure-requests/request-page.tsx")),
  },
  {
    path: "erasure-requests/:requestId",
    permissions: ["erasures:read"],
    wholeTenant: true,
    Page: page(() => import("../pages/erasure-requests/case-page.tsx")),
  },
  {
    path: "ledger",
    nav: { group: "Proof", title: "Ledger" },
    permissions: ["ledger:read"],
    wholeTenant: true,
    Page: page(() => import("../pages/ledger/rows-page.tsx")),
  },
  {
    path: "ledger/checkpoints",
    permissions: ["ledger:read"],
    wholeTenant: true,
    Page: page(() => import("../pages/ledger/checkpoints-page.tsx")),
  },
  {
    path: "ledger/checks",
    permissions: ["ledger:read"],
    wholeTenant: true,
    Page: page(() => import("../pages/ledger/checks-page.tsx")),
  },
  {
    path: "ledger/:seq",
    permissions: ["ledger:read"],
    wholeTenant: true,
    Page: page(() => import("../pages/ledger/row-page.tsx")),
  },
  {
    path: "evidence",
    nav: { group: "Proof", title: "Evidence" },
    permissions: ["evidence:read"],
    Page: page(() => import("../pages/evidence/exports-page.tsx")),
  },
  {
    path: "evidence/new",
    permissions: ["evidence:export"],
    Page: page(() => import("../pages/evidence/new-export-page.tsx")),
  },
  {
    path: "evidence/:exportId",
    permissions: ["evidence:read"],
    Page: page(() => import("../pages/evidence/export-page.tsx")),
  },
  {
    path: "access/people",
    nav: { group: "Access", title: "People" },
    permissions: ["access:read"],
    Page: page(() => import("../pages/people/people-page.tsx")),
  },
  {
    path: "access/people/:userId",
    permissions: ["access:read"],
    Page: page(() => import("../pages/people/person-page.tsx")),
  },
  {
    path: "access/groups",
    nav: { group: "Access", title: "Groups" },
    permissions: ["access:read"],
    Page: page(() => import("../pages/groups/groups-page.tsx")),
  },
  {
    path: "access/groups/:groupId",
    permissions: ["access:read"],
    Page: page(() => import("../pages/groups/group-page.tsx")),
  },
  {
    path: "access/roles",
    nav: { group: "Access", title: "Roles" },
    permissions: ["access:read"],
    Page: page(() => import("../pages/roles/roles-page.tsx")),
  },
  {
    path: "access/sessions",
    nav: { group: "Access", title: "Sessions" },
    permissions: ["access:read"],
    wholeTenant: true,
    Page: page(() => import("../pages/sessions/sessions-page.tsx")),
  },
  {
    path: "access/approvals",
    nav: { group: "Access", title: "Approvals", Count: WaitingForMe },
    permissions: ["approvals:read"],
    Page: page(() => import("../pages/approvals/approvals-page.tsx")),
  },
  {
    path: "access/approvals/:approvalId",
    permissions: ["approvals:read"],
    Page: page(() => import("../pages/approvals/approval-page.tsx")),
  },
  {
    path: "access/sign-on",
    nav: { group: "Access", title: "Single sign-on" },
    permissions: ["sign-in:read"],
    Page: signOn,
  },
  { path: "access/sign-on/:tab", permissions: ["sign-in:read"], Page: signOn },
  {
    path: "access/provisioning",
    nav: { group: "Access", title: "Provisioning" },
    permissions: ["sign-in:read"],
    wholeTenant: true,
    Page: page(() => import("../pages/provisioning/provisioning-page.tsx")),
  },
  {
    path: "access/api-keys",
    nav: { group: "Access", title: "API keys" },
    permissions: ["api-keys:read"],
    Page: page(() => import("../pages/api-keys/api-keys-page.tsx")),
  },
  {
    path: "access/api-keys/:keyId",
    permissions: ["api-keys:read"],
    Page: page(() => import("../pages/api-keys/key-page.tsx")),
  },
  {
    path: "tenants",
    nav: { group: "System", title: "Tenants" },
    permissions: ["appliance:read"],
    Page: page(() => import("../pages/tenants/tenants-page.tsx")),
  },
  {
    path: "system",
    nav: { group: "System", title: "Health" },
    permissions: ["tasks:read", "appliance:read"],
    wholeTenant: true,
    Page: page(() => import("../pages/health/health-page.tsx")),
  },
  {
    path: "work",
    nav: { group: "System", title: "Work" },
    permissions: ["tasks:read"],
    Page: page(() => import("../pages/tasks/tasks-page.tsx")),
  },
  { path: "notices", nav: { group: "System", title: "Notices" }, permissions: [], Page: notices },
  { path: "notices/:tab", permissions: [], Page: notices },
];
