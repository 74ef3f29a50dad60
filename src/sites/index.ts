export { changeSite, createSite, getSite, listSites, type NewSite, type SiteChange } from "./manage.ts";
export type { Site } from "./store.ts";
