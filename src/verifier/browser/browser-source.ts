import { type AgeSecrets, isAge, openAge } from "../age.ts";
import { type BundleSource, blobAccess, chunksOf } from "../source.ts";
import { openZip } from "../zip.ts";

/** A ZIP, or an age file that holds one, as the page got it. */
export async function openBundleFile(file: Blob, label: string, secrets: AgeSecrets): Promise<BundleSource> {
  const whole = blobAccess(file);
  const encrypted = await isAge(whole);
  return openZip(encrypted ? await openAge(whole, secrets) : whole, { label, encrypted });
}

export type FolderFile = { name: string; file: Blob };

/** Files of a folder that was chosen, names relative to it. */
export function openFolder(files: FolderFile[], label: string): BundleSource {
  const byName = new Map(files.map(({ name, file }) => [name, file]));
  return {
    label,
    container: "directory",
    encrypted: false,
    // Not the keys of the map: a name that came twice is a fault to be seen.
    names: files.map(({ name }) => name).sort(),
    sizeOf: (name) => byName.get(name)?.size ?? 0,
    open(name) {
      const file = byName.get(name) ?? new Blob([]);
      return chunksOf(blobAccess(file), 0, file.size);
    },
  };
}
