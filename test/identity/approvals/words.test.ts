import assert from "node:assert/strict";
import { permissionWords } from "../../../src/console/components/permissions.ts";
import { asks } from "../../../src/console/pages/approvals/ask-words.ts";
import { PERMISSIONS } from "../../../src/identity/index.ts";
import { routes } from "../../http/openapi-document.ts";

describe("approvals: what people read of them in the console", () => {
  it("every act of high stakes has words of its own", () => {
    const high = routes.filter(({ highStakes }) => highStakes).map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(
      high.filter((each) => !Object.hasOwn(asks, each)),
      [],
    );
  });

  it("every permission is said in words", () => {
    assert.deepEqual(
      PERMISSIONS.filter((each) => permissionWords(each) === each),
      [],
    );
  });
});
