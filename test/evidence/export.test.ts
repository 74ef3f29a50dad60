import { run } from "../support/process.ts";
import { type SeededTenant, seedBatch, seedTenant } from "../support/seed.ts";
import { evidenceFixture, type Fixture } from "./fixture.ts";

describe("export", () => {
  let fixture: Fixture;
  let tenant: SeededTenant;

  before(async () => {
    fixture = await evidenceFixture();
    tenant = await seedTenant(fixture.seed);
    const image = Buffer.from("\xff\xd8\xff picture", "latin1");
    for (let i = 0; i < 3; i++) {
      await seedBatch(fixture.seed, tenant.principal, [
        ...tenant.sites.map((site) => ({
          ...site,
          subjects: ["plate:AB12CDE"],
          images: [{ bytes: image, type: "image/jpeg" as const }],
        })),
        ...tenant.sites.map((site) => ({
          ...site,
          kind: "badge.swipe",
          body: '"=1+1"',
          images: [{ bytes: Buffer.concat([image, Buffer.from([i])]), type: "image/jpeg" as const, stored: i !== 1 }],
        })),
      ]);
    }
  });
  after(() => fixture.stop());

  it("x", async () => {
    const path = fixture.path("full.zip");
    console.log(await fixture.export(tenant.principal, {}, { kind: "file", path }));
    await run({ name: "cp", command: "cp", args: [path, "/tmp/full.zip"] });
    console.log(await run({ name: "unzip", command: "unzip", args: ["-t", path] }));
  });
});
