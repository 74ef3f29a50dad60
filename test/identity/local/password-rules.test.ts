import assert from "node:assert/strict";
import { checkPassword } from "../../../src/identity/local/password-rules.ts";
import { AppError } from "../../../src/platform/errors.ts";

const about = ["anna.muster", "Anna Muster", "anna@example.org", "Müller & Söhne AG", "mueller-soehne", "ledgerstone"];

/** What is wrong with it; undefined when it can be used. */
function fault(password: string): string | undefined {
  try {
    checkPassword(password, about);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof AppError && error.code === "invalid" && error.remedy);
    return error.found;
  }
}

describe("identity: which passwords can be used", () => {
  it("long ones that say nothing of the person, whatever kinds of characters they have", () => {
    for (const good of [
      "gravel umbrella ninety tin",
      "trellis-vapour-42-kiln",
      "kjhqwelkzxmcnb",
      "zwölf Äpfel rollen bergab",
      "九つの橋と七つの川を渡って行く猫",
      "orange tiger hammer london",
    ]) {
      assert.equal(fault(good), undefined, good);
    }
  });

  it("12 to 256 characters, as people count them", () => {
    assert.match(fault("gravel tin9")!, /11 characters/);
    assert.match(fault("🦉🦊🦁🐢🦅🐝")!, /6 characters/);
    assert.match(fault("gravel tin 9 ".repeat(20))!, /260 characters/);
    assert.match(fault("gravel\u0000umbrella")!, /control/);
  });

  it("one or two common words with digits and signs around or in place of letters are guessed first", () => {
    for (const common of [
      "password1234",
      "P@ssw0rd!2024",
      "P@ssw0rd!20241122",
      "Passwort12345",
      "Summer2026!!",
      "Welcome-2026-!",
      "iloveyou12345",
      "monkeydragon1",
      "administrator",
      "Liverpool1892!",
      "correct horse battery staple",
    ]) {
      assert.match(fault(common) ?? "", /guessed/, common);
    }
  });

  it("walks over a keyboard and repetitions too", () => {
    for (const walk of [
      "qwertyuiop12",
      "1q2w3e4r5t6y",
      "123456789012",
      "abcdefghijkl",
      "aaaaaaaaaaaa",
      "abcabcabcabc",
    ]) {
      assert.match(fault(walk) ?? "", /guessed/, walk);
    }
  });

  it("a short number is a date or a telephone", () => {
    for (const number of ["22.11.2026 1970", "+41 81 123 45 67", "8392017485621"]) assert.ok(fault(number), number);
    assert.equal(fault("83920174856213390471"), undefined);
  });

  it("what follows from the person's, the organisation's or the appliance's name is refused, also disguised", () => {
    for (const own of ["anna.muster2026", "MusterMuster1!", "Müller-Söhne-26", "M0st3r_Muster!", "mueller.soehne1"]) {
      assert.ok(fault(own), own);
    }
    assert.equal(fault("muster under nine bridges"), undefined, "a name in a long one is no matter");
  });

  it("compatible spellings are the same password", () => {
    assert.match(fault("ｐａｓｓｗｏｒｄ１２３４")!, /guessed/);
  });
});
