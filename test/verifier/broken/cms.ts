import type { Files } from "../../support/bundle-bag.ts";
import { tellStory } from "../../support/bundle-scenario.ts";
import { zipFiles } from "../../support/bundle-zip.ts";
import { type Given, type Lab, put } from "../../support/verifier-lab.ts";
import type { BrokenCase } from "./case.ts";

function resigned(lab: Lab, sign: (files: Files) => void): Promise<Given> {
  const { chain } = tellStory();
  return lab.files(chain).then((files) => {
    sign(files);
    return { bytes: zipFiles(files), trust: lab.trustOf(chain) };
  });
}

export const cmsCases: BrokenCase[] = [
  { name: "no CMS signature", check: 2, place: /p7s/, make: (lab) => resigned(lab, () => undefined) },
  {
    name: "a CMS signature by a stranger",
    check: 2,
    place: /p7s/,
    make: (lab) => resigned(lab, (files) => lab.cms.sign(files, lab.stranger)),
  },
  {
    name: "a CMS signature over another manifest",
    check: 2,
    make: async (lab) => {
      const { chain } = tellStory();
      const other = lab.cms.sign(await lab.files(chain, { range: null, extra: [6] }), lab.key);
      return resigned(lab, (files) =>
        files.set("tagmanifest-sha256.txt.p7s", other.get("tagmanifest-sha256.txt.p7s")!),
      );
    },
  },
  {
    name: "two CMS signers",
    check: 2,
    make: (lab) => {
      const { certFile, keyFile } = lab.stranger;
      return resigned(lab, (files) => lab.cms.sign(files, lab.key, ["-signer", certFile, "-inkey", keyFile]));
    },
  },
  {
    name: "a CMS signature without signed attributes",
    check: 2,
    make: (lab) => resigned(lab, (files) => lab.cms.sign(files, lab.key, ["-noattr"])),
  },
  {
    name: "a CMS signature with the content inside",
    check: 2,
    make: (lab) => resigned(lab, (files) => lab.cms.sign(files, lab.key, ["-nodetach"])),
  },
  {
    name: "a CMS signature with one bit changed",
    check: 2,
    make: (lab) =>
      lab.spoiled((files) => {
        const bytes = files.get("tagmanifest-sha256.txt.p7s")!.slice();
        bytes[bytes.length - 3]! ^= 4;
        files.set("tagmanifest-sha256.txt.p7s", bytes);
      }),
  },
  {
    name: "garbage in place of CMS",
    check: 2,
    make: (lab) => lab.spoiled((files) => put(files, "tagmanifest-sha256.txt.p7s", "0\u0080garbage")),
  },
];
