export { changeSite, createSite, getSite, listSites, type NewSite, requireSite, type SiteChange } from "./manage.ts";
export type { Site } from "./store.ts";
