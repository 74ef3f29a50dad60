import type { Scope, Trust } from "../record/scope.ts";

export type ReadmeFacts = {
  rows: { row: number; next: number | undefined };
  /** Milliseconds: when the signature was made. */
  signedAt: number;
  trust: Trust;
  scope: Scope;
};

/** Lines that begin with four spaces are commands: each works when pasted into a shell in the bag's folder. */
export function readmeText(facts: ReadmeFacts): string {
  const { scope, trust } = facts;
  const attime = Math.floor(facts.signedAt / 1000) + 1;
  const proven = scope.range
    ? `rows ${scope.range.from} to ${scope.range.to} of the ledger: complete, nothing left out unseen`
    : `single rows of the ledger (${scope.extra.length}): integrity, not completeness`;
  return `LEDGERSTONE EVIDENCE BUNDLE
===========================
Tenant      ${scope.tenant}
Made        ${scope.made}
Proven for  ${proven}
Appliance   ${trust.appliance}

data/report.html tells people what is in it. data/tables has it as tables (CSV).

TRUST COMES FROM OUTSIDE
------------------------
A bundle cannot vouch for itself. Get these another way than with this bundle, on paper or from the console of the
appliance, and compare:

  SHA-256 of the certificate that signs  ${trust.cmsSha256.join(" ")}
  Ed25519 key of the checkpoints         ${trust.ed25519.map((key) => Buffer.from(key).toString("base64")).join(" ")}
  SHA-256 of the verifier that you use

1. ALL CHECKS, IN A BROWSER
---------------------------
Open the file ledgerstone-verify.html, which you got another way, in any browser, without network. Drop the ZIP onto it,
or choose the folder. It shows eleven checks, each passed, failed with the place, or not run.
On the command line: node ledgerstone-verify.mjs --trust trust.json <this ZIP or folder>

2. FILES AND SIGNATURE, BY HAND
-------------------------------
For Linux and macOS (macOS: 'shasum -a 256' instead of 'sha256sum'), in this folder. Lines set in by four spaces are commands.

Every file is as the manifests list it; nothing is printed when all are:

    sha256sum --check --quiet tagmanifest-sha256.txt
    sha256sum --check --quiet manifest-sha256.txt

No file is here that the manifests do not list (prints nothing):

    find data -type f | LC_ALL=C sort | diff - <(cut -c67- manifest-sha256.txt)

The manifest is signed. This takes the certificate out of the signature, and does not judge it yet:

    openssl cms -verify -noverify -binary -inform DER -in tagmanifest-sha256.txt.p7s -content tagmanifest-sha256.txt -signer "\${TMPDIR:-/tmp}/signer.pem" -out /dev/null

Compare this with the SHA-256 of the certificate that you got another way:

    openssl x509 -in "\${TMPDIR:-/tmp}/signer.pem" -noout -subject -dates -fingerprint -sha256

With that certificate trusted, as of the time of signing, also when it has expired since:

    openssl cms -verify -binary -inform DER -in tagmanifest-sha256.txt.p7s -content tagmanifest-sha256.txt -CAfile "\${TMPDIR:-/tmp}/signer.pem" -partial_chain -purpose any -attime ${attime} -out /dev/null

When your own CA issued it, trust that instead: -CAfile <your CA's certificate>, without -partial_chain. Keep
'-purpose any' (openssl expects an e-mail certificate otherwise, and a Windows CA issues others) and '-attime' (seconds
since 1970: ${new Date(attime * 1000).toISOString()}).

3. ONE ROW OF THE LEDGER, BY HAND
---------------------------------
A row's hash is the SHA-256 of its lines in data/ledger/rows.txt, each with its line end. Of row ${facts.rows.row}:

    awk 'BEGIN { RS = "" } /\\nseq ${facts.rows.row}\\n/' data/ledger/rows.txt | sha256sum

data/tables/rows.csv says the same hash in its last column:

    grep '^${facts.rows.row},' data/tables/rows.csv | tr -d '\\r' | sed 's/.*,//'
${nextRow(facts.rows.next)}
Row after row, up to the signed checkpoint in data/ledger/checkpoints: docs/ledger.md of Ledgerstone says how, byte by byte.

WHAT IS NOT HERE
----------------
data/ledger/withheld.txt lists what is held back on purpose. What was erased is listed by tombstones, rows of the ledger
themselves: data/erasures and data/tables/erasures.csv. Anything else that is missing makes the verifier fail.
`;
}

function nextRow(next: number | undefined): string {
  if (next === undefined) return "";
  return `
And the next row names it as the one before:

    awk 'BEGIN { RS = "" } /\\nseq ${next}\\n/' data/ledger/rows.txt | sed -n 's/^prev //p'
`;
}

export function windowsText({ trust }: ReadmeFacts): string {
  const text = `LEDGERSTONE EVIDENCE BUNDLE: VERIFYING ON WINDOWS
=================================================
With what Windows 10 and later have: cmd and certutil. Open a command prompt (cmd, not PowerShell) in the folder of this
file. Lines set in by four spaces are commands: paste them one at a time. In a .cmd file write %%a and %%b for %a and %b.

The whole verification needs no installation either: open ledgerstone-verify.html, which you got another way than this
bundle, in Edge or any other browser, and drop the ZIP onto it.

1. EVERY FILE IS AS THE MANIFESTS LIST IT
Prints OK or FAILED for each file. With many images this takes a while.

    for /f "tokens=1,2" %a in (tagmanifest-sha256.txt) do @(certutil -hashfile "%b" SHA256 | findstr /i /x "%a" >nul && echo OK %b || echo FAILED %b)
    for /f "tokens=1,2" %a in (manifest-sha256.txt) do @(certutil -hashfile "%b" SHA256 | findstr /i /x "%a" >nul && echo OK %b || echo FAILED %b)

To see only what failed:

    for /f "tokens=1,2" %a in (manifest-sha256.txt) do @(certutil -hashfile "%b" SHA256 | findstr /i /x "%a" >nul || echo FAILED %b)

2. NO FILE IS HERE THAT THE MANIFEST DOES NOT LIST
Both numbers must be equal:

    find /c /v "" < manifest-sha256.txt
    dir /s /b /a-d data | find /c /v ""

3. WHO SIGNED
Shows the signature: its certificate, the signing time, and as messageDigest the SHA-256 of what was signed:

    certutil -asn tagmanifest-sha256.txt.p7s

That SHA-256 must be the one that this prints:

    certutil -hashfile tagmanifest-sha256.txt SHA256

certutil shows a detached signature but does not check its arithmetic: the browser verifier and openssl (README.txt) do.
The certificate's SHA-256 must be one that you got another way than with this bundle; in here it is given as
${trust.cmsSha256.join("\n")}
`;
  return text.replaceAll("\n", "\r\n");
}
