import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findProgram } from "./find-program.ts";

/** A certificate for a server on 127.0.0.1, and who has signed it: paths of PEM files. */
export interface Certificates {
  readonly folder: string;
  readonly authority: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  /** Key and certificate in one file, as the Kafka broker takes them. */
  readonly serverStore: string;
  /** Another authority, which has signed nothing. */
  readonly otherAuthority: string;
  remove(): void;
}

const EXTENSIONS = "subjectAltName=IP:127.0.0.1,DNS:localhost\n";
const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];

/** For `test(name, { skip: opensslMissing() })`: false, or a line that says how to get it. */
export function opensslMissing(): string | false {
  return findProgram("openssl") === null ? "openssl is not installed: apt-get install openssl" : false;
}

/** Makes an authority, a certificate that it has signed, and a second authority, in a temporary folder. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(path.join(tmpdir(), "stormcell-certificates-"));
  const at = (name: string) => path.join(folder, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: folder, stdio: "pipe" });
  for (const name of ["authority", "other"]) {
    openssl("req", "-x509", ...NEW_KEY, "-keyout", `${name}.key`, "-out", `${name}.crt`, "-subj", `/CN=${name}`);
  }
  writeFileSync(at("extensions"), EXTENSIONS);
  openssl("req", ...NEW_KEY, "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=127.0.0.1");
  const signing = ["-CA", "authority.crt", "-CAkey", "authority.key", "-CAcreateserial", "-days", "2"];
  openssl("x509", "-req", "-in", "server.csr", ...signing, "-extfile", "extensions", "-out", "server.crt");
  const store = `${readFileSync(at("server.key"), "utf8")}${readFileSync(at("server.crt"), "utf8")}`;
  writeFileSync(at("server.pem"), store);
  return {
    folder,
    authority: at("authority.crt"),
    serverCertificate: at("server.crt"),
    serverKey: at("server.key"),
    serverStore: at("server.pem"),
    otherAuthority: at("other.crt"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
