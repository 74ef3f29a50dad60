import { type Appliance, startAppliance } from "../../support/appliance.ts";
import { scimAccess } from "./access.ts";
import { scimEntra } from "./entra.ts";
import { scimHostile } from "./hostile.ts";
import { scimOkta } from "./okta.ts";
import { scimServer } from "./server.ts";

/** Each part in two tenants of its own. */
describe("SCIM, on one appliance", function () {
  this.timeout(180_000);
  let appliance: Appliance;
  before(async () => {
    appliance = await startAppliance();
  });
  after(() => appliance?.stop());

  scimServer(() => appliance);
  scimEntra(() => appliance);
  scimOkta(() => appliance);
  scimAccess(() => appliance);
  scimHostile(() => appliance);
});
