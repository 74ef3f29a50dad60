import { Worker } from "node:worker_threads";
import { SAML } from "@node-saml/passport-saml";
import { libraryOptions, type SignatureProfile } from "../../../src/identity/saml/validate.ts";
import type { ResponseTo, TestIdp } from "../../support/saml-idp.ts";

export type BareOptions = {
  profile?: SignatureProfile;
  idp: Pick<TestIdp, "entityId" | "certificate">;
  decryptionKey?: string;
};
export type Bare = { accepts: true; nameId: string } | { accepts: false; message: string };

/** The library's own check with the same options, as an application would call it that relies on it alone. */
export function bareLibrary(to: ResponseTo, { profile = "response-and-assertion", idp, decryptionKey }: BareOptions) {
  const expected = { ...to, now: Date.now(), idpEntityId: idp.entityId, profile, certificates: [idp.certificate] };
  const requests = new Map([[to.requestId, new Date().toISOString()]]);
  const saml = new SAML({
    ...libraryOptions(expected),
    ...(decryptionKey && { decryptionPvk: decryptionKey }),
    cacheProvider: {
      saveAsync: async () => null,
      getAsync: async (id) => requests.get(id) ?? null,
      removeAsync: async (id) => (id && requests.delete(id) ? id : null),
    },
  });
  return async (response: string): Promise<Bare> => {
    try {
      const { profile: found } = await saml.validatePostResponseAsync({ SAMLResponse: response });
      return { accepts: true, nameId: found?.nameID ?? "" };
    } catch (error) {
      return { accepts: false, message: (error as Error).message };
    }
  };
}

/** As above, in a thread that is given so long. Undefined when that was not enough. */
export async function bareWithin(
  ms: number,
  response: string,
  to: ResponseTo,
  { idp: { entityId, certificate }, ...options }: BareOptions,
): Promise<Bare | undefined> {
  const workerData = { response, to, options: { ...options, idp: { entityId, certificate } } };
  const worker = new Worker(new URL("./bare-thread.ts", import.meta.url), { workerData });
  const timer = setTimeout(() => worker.terminate(), ms);
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}
