import assert from "node:assert/strict";
import { csvLine } from "../../src/platform/csv.ts";

describe("platform: CSV", () => {
  it("quotes what RFC 4180 asks for, and leaves the rest as it is", () => {
    assert.equal(csvLine(["a", 1, true, null, undefined, ""]), "a,1,true,,,\r\n");
    assert.equal(
      csvLine(['say "no"', "a,b", "two\r\nlines", "Straße"]),
      '"say ""no""","a,b","two\r\nlines",Straße\r\n',
    );
    assert.equal(csvLine([["x", "y"], { a: 1 }]), '"[""x"",""y""]","{""a"":1}"\r\n');
  });

  it("keeps a spreadsheet from running what somebody sent, and numbers numbers", () => {
    for (const formula of ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n=1", "＝1", "\0=1"]) {
      assert.match(csvLine([formula]), /^"?'/, JSON.stringify(formula));
    }
    assert.equal(csvLine(['=HYPERLINK("http://x","y")']), `"'=HYPERLINK(""http://x"",""y"")"\r\n`);
    assert.equal(csvLine([-5, 1e21]), "-5,1e+21\r\n");
  });
});
