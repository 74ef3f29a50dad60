import assert from "node:assert/strict";
import sharp, { type Sharp } from "sharp";
import { createThumbnailer, sniffMediaType, type Thumbnailer } from "../../src/objects/index.ts";

async function picture(width: number, height: number): Promise<Sharp> {
  return sharp({ create: { width, height, channels: 3, background: { r: 200, g: 40, b: 10 } } });
}

describe("objects: thumbnails", () => {
  let thumbnailer: Thumbnailer;
  before(() => {
    thumbnailer = createThumbnailer();
  });
  after(() => thumbnailer.stop());

  it("jpeg, png and webp become small WebP without EXIF, upright", async () => {
    const tall = (await picture(1200, 800)).withExif({ IFD0: { Copyright: "someone", Make: "camera" } }).withMetadata({
      orientation: 6,
    });
    for (const image of [
      await tall.clone().jpeg().toBuffer(),
      await tall.clone().png().toBuffer(),
      await tall.clone().webp().toBuffer(),
    ]) {
      assert.ok((await sharp(image).metadata()).exif, "the original has EXIF");
      const result = await thumbnailer.make(image);
      assert.ok(result.ok, JSON.stringify(result));
      const { format, width, height, exif, xmp, icc } = await sharp(result.bytes).metadata();
      assert.deepEqual({ format, width, height }, { format: "webp", width: 213, height: 320 });
      assert.deepEqual([exif, xmp, icc], [undefined, undefined, undefined]);
      assert.equal(sniffMediaType(result.bytes), "image/webp");
    }
  });

  it("broken, huge and foreign pictures are refused, and the next one is made", async () => {
    const whole = await (await picture(600, 400)).jpeg().toBuffer();
    const svg = Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>`);
    const gif = await (await picture(20, 20)).gif().toBuffer();
    const hostile = {
      svg,
      gif,
      cut: whole.subarray(0, 300),
      nothing: Buffer.alloc(0),
      zeros: Buffer.alloc(1000),
    };
    for (const [name, bytes] of Object.entries(hostile)) {
      const result = await thumbnailer.make(bytes);
      assert.equal(result.ok, false, name);
    }
    const bomb = await (await picture(9000, 7000)).jpeg().toBuffer();
    assert.ok(bomb.length < 1_000_000, "few bytes, many pixels");
    const refused = await thumbnailer.make(bomb);
    assert.match(refused.ok ? "" : refused.reason, /pixel limit/);
    assert.equal((await thumbnailer.make(whole)).ok, true);
  });

  it("a decoder that hangs or dies is replaced", async () => {
    const impatient = createThumbnailer({ timeoutMs: 1, imagesPerProcess: 2 });
    const whole = await (await picture(4000, 4000)).jpeg().toBuffer();
    const result = await impatient.make(whole);
    assert.match(result.ok ? "" : result.reason, /more than 1 ms/);
    await impatient.stop();
    const recycled = createThumbnailer({ imagesPerProcess: 2 });
    for (let n = 0; n < 5; n++) assert.equal((await recycled.make(whole)).ok, true);
    await recycled.stop();
  });
});
