import { deflateRawSync } from "node:zlib";
import { encodeUtf8 } from "../../../src/record/bytes.ts";
import type { Files } from "../../support/bundle-bag.ts";
import { tellStory } from "../../support/bundle-scenario.ts";
import { type ZipPart, zipFiles, zipParts } from "../../support/bundle-zip.ts";
import { type Given, type Lab, lines, put, putLines, swap, text } from "../../support/verifier-lab.ts";
import type { BrokenCase } from "./case.ts";

/** The good bundle's ZIP, changed as bytes. */
async function zipped(lab: Lab, change: (zip: Buffer, files: Files) => Buffer): Promise<Given> {
  const { chain } = tellStory();
  const files = lab.cms.sign(await lab.files(chain), lab.key);
  return { bytes: change(zipFiles(files), files), trust: lab.trustOf(chain) };
}

const partsOf = (files: Files): ZipPart[] => [...files].map(([name, bytes]) => ({ name, bytes }));

/** Offset of the central directory's record of a file. */
function centralOf(zip: Buffer, name: string): number {
  return zip.lastIndexOf(Buffer.from(name)) - 46;
}

export const containerCases: BrokenCase[] = [
  {
    name: "an image with one byte changed",
    check: 1,
    place: /^data\/images\//,
    make: (lab) =>
      lab.spoiled((files) => {
        const name = [...files.keys()].find((key) => key.startsWith("data/images/"))!;
        const bytes = files.get(name)!.slice();
        bytes[100]! ^= 1;
        files.set(name, bytes);
      }),
  },
  {
    name: "a file of a name that no bundle has",
    check: 1,
    place: /notes\.txt/,
    make: (lab) => lab.edited((files) => put(files, "data/notes.txt", "x")),
  },
  {
    name: "a fetch.txt",
    check: 1,
    place: /fetch\.txt/,
    make: (lab) => lab.spoiled((files) => put(files, "fetch.txt", "https://example.com/ 1 data/x\n")),
  },
  {
    name: "a file that the manifest does not list",
    check: 1,
    place: /manifest-sha256\.txt/,
    make: (lab) =>
      lab.spoiled((files) => {
        const kept = lines(files, "manifest-sha256.txt").filter((line) => !line.endsWith("withheld.txt"));
        putLines(files, "manifest-sha256.txt", kept);
      }),
  },
  {
    name: "a listed file that is gone",
    check: 1,
    place: /report\.html/,
    make: (lab) => lab.spoiled((files) => void files.delete("data/report.html")),
  },
  {
    name: "a wrong Payload-Oxum",
    check: 1,
    place: /bag-info/,
    make: (lab) => lab.spoiled((files) => swap(files, "bag-info.txt", /Payload-Oxum: \d+/, "Payload-Oxum: 1")),
  },
  {
    name: "another BagIt version",
    check: 1,
    place: /bagit\.txt/,
    make: (lab) => lab.spoiled((files) => swap(files, "bagit.txt", "1.0", "0.97")),
  },
  {
    name: "the same name twice in the ZIP",
    check: 1,
    place: /README\.txt/,
    make: (lab) =>
      zipped(lab, (_, files) => zipParts([...partsOf(files), { name: "README.txt", bytes: encodeUtf8("other") }])),
  },
  {
    name: "two names that differ in case alone",
    check: 1,
    place: /readme\.txt/,
    make: (lab) =>
      zipped(lab, (_, files) => zipParts([...partsOf(files), { name: "readme.txt", bytes: encodeUtf8("other") }])),
  },
  {
    name: "a name that climbs out of the bag",
    check: 1,
    place: /central directory/,
    make: (lab) => zipped(lab, (_, files) => zipParts([...partsOf(files), { name: "../x", bytes: encodeUtf8("x") }])),
  },
  {
    name: "bytes after the end record",
    check: 1,
    make: (lab) => zipped(lab, (zip) => Buffer.concat([zip, Buffer.from("PK")])),
  },
  {
    name: "a ZIP comment",
    check: 1,
    make: (lab) =>
      zipped(lab, (zip) => {
        zip.writeUInt16LE(5, zip.length - 2);
        return Buffer.concat([zip, Buffer.from("hello")]);
      }),
  },
  {
    name: "two ZIPs in one file",
    check: 1,
    make: (lab) => zipped(lab, (zip) => Buffer.concat([zip, zip])),
  },
  {
    name: "bytes before the first entry",
    check: 1,
    make: (lab) => zipped(lab, (zip) => Buffer.concat([Buffer.from("#!/bin/sh\n"), zip])),
  },
  {
    name: "an entry that is a link",
    check: 1,
    make: (lab) =>
      zipped(lab, (zip) => {
        zip.writeUInt32LE(0o120777 * 0x10000, centralOf(zip, "README.txt") + 38);
        return zip;
      }),
  },
  {
    name: "a local header of another name than the directory's",
    check: 1,
    place: /README\.txt/,
    make: (lab) =>
      zipped(lab, (zip) => {
        zip.write("README.TXT", zip.indexOf("README.txtsee"));
        return zip;
      }),
  },
  {
    name: "a local header with other sizes than the directory's",
    check: 1,
    place: /README\.txt/,
    make: (lab) =>
      zipped(lab, (zip) => {
        zip.writeUInt32LE(3, zip.indexOf("README.txtsee") - 30 + 18);
        return zip;
      }),
  },
  {
    name: "a file that inflates to more than it says",
    check: 1,
    place: /README\.txt/,
    make: (lab) =>
      zipped(lab, (_, files) => {
        const bomb = zipParts(
          partsOf(files).map((part) =>
            part.name === "README.txt" ? { ...part, bytes: new Uint8Array(1 << 22), deflate: true } : part,
          ),
        );
        const size = deflateRawSync(new Uint8Array(1 << 22)).length;
        for (const at of [bomb.indexOf("README.txt") - 30 + 22, centralOf(bomb, "README.txt") + 24])
          bomb.writeUInt32LE(size, at);
        return bomb;
      }),
  },
  {
    name: "the last bytes cut off",
    check: 1,
    make: (lab) => zipped(lab, (zip) => zip.subarray(0, zip.length - 10)),
  },
  {
    name: "scope.json with a key twice",
    check: 1,
    place: /scope\.json/,
    make: (lab) => lab.edited((files) => swap(files, "data/scope.json", '"extra"', '"tenant":"x","extra"')),
  },
  {
    name: "scope.json with a byte order mark",
    check: 1,
    place: /scope\.json/,
    make: (lab) => lab.edited((files) => put(files, "data/scope.json", `\ufeff${text(files, "data/scope.json")}`)),
  },
  {
    name: "scope.json nested a thousand deep",
    check: 1,
    place: /scope\.json/,
    make: (lab) => lab.edited((files) => put(files, "data/scope.json", "[".repeat(1000))),
  },
];
