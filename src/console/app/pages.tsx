import { type ComponentType, lazy } from "react";

export type PageEntry = {
  /** Below /console/. */
  path: string;
  /** In the navigation; absent for pages that others lead to. */
  nav?: { group: string; title: string };
  /** Any of these permissions makes it worth showing; none: everyone's. */
  permissions: readonly string[];
  Page: ComponentType;
};

const page = (load: () => Promise<{ Page: ComponentType }>): ComponentType =>
  lazy(async () => ({ default: (await load()).Page }));

/** Every page, each a chunk of its own, in the order of the navigation. */
export const pages: readonly PageEntry[] = [
  {
    path: "sites",
    nav: { group: "Estate", title: "Sites" },
    permissions: ["sites:read"],
    Page: page(() => import("../pages/sites/sites-page.tsx")),
  },
];
