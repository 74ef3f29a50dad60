import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../support/process.ts";
import { temporaryDirectory } from "../support/temporary.ts";

export type Made = { cert: Buffer; key: Buffer; certFile: string; keyFile: string };
export type Wanted = {
  cn: string;
  /** None: signed by itself. */
  by?: Made;
  ca?: boolean;
  /** As OpenSSL writes them: `DNS:a.example.com,IP:10.0.0.1`. */
  names?: string;
  usage?: string;
  days?: number;
  /** Of `openssl genpkey`. */
  key?: string[];
  digest?: string;
};

const p256 = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];

/** Certificates as OpenSSL makes them: what customers bring. */
export async function certificateWorld() {
  const directory = await temporaryDirectory("certificates");
  let count = 0;
  const openssl = (args: string[]) => run({ name: "openssl", command: "openssl", args, cwd: directory });
  const file = (name: string) => join(directory, `${++count}-${name}`);

  const make = async (wanted: Wanted): Promise<Made> => {
    const [keyFile, request, certFile, extensions] = [file("key.pem"), file("csr.pem"), file("cert.pem"), file("ext")];
    await openssl(["genpkey", ...(wanted.key ?? p256), "-out", keyFile]);
    await openssl(["req", "-new", "-key", keyFile, "-subj", `/CN=${wanted.cn}`, "-out", request]);
    const lines = [
      `basicConstraints=critical,CA:${wanted.ca ? "TRUE" : "FALSE"}`,
      ...(wanted.ca ? [] : [`extendedKeyUsage=${wanted.usage ?? "serverAuth"}`]),
      ...(wanted.names ? [`subjectAltName=${wanted.names}`] : []),
    ];
    await writeFile(extensions, `${lines.join("\n")}\n`);
    const { by } = wanted;
    const signer = by ? ["-CA", by.certFile, "-CAkey", by.keyFile, "-CAcreateserial"] : ["-signkey", keyFile];
    const how = ["-days", String(wanted.days ?? 90), "-extfile", extensions];
    const digest = wanted.digest ? [`-${wanted.digest}`] : [];
    await openssl(["x509", "-req", "-in", request, ...signer, ...how, ...digest, "-out", certFile]);
    return { cert: await readFile(certFile), key: await readFile(keyFile), certFile, keyFile };
  };

  return {
    directory,
    file,
    openssl,
    make,
    /** PKCS#12 with the passphrase `geheim`. */
    async pkcs12(leaf: Made, others: readonly Made[], ...options: string[]): Promise<Buffer> {
      const [chain, out] = [file("chain.pem"), file("all.p12")];
      await writeFile(chain, Buffer.concat(others.map(({ cert }) => cert)));
      const certificates = ["-in", leaf.certFile, ...(others.length > 0 ? ["-certfile", chain] : [])];
      await openssl([
        "pkcs12",
        "-export",
        "-inkey",
        leaf.keyFile,
        ...certificates,
        ...options,
        "-passout",
        "pass:geheim",
        "-out",
        out,
      ]);
      return readFile(out);
    },
  };
}

export type CertificateWorld = Awaited<ReturnType<typeof certificateWorld>>;
