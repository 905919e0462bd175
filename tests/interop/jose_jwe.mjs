// Encrypts and decrypts with npm's jose: JSON lines in, JSON lines out.
//
// {"do": "encrypt", "alg": A, "enc": E, "jwk": KEY or "password": P, "plaintext": T}  {"token": T}
// {"do": "decrypt", "alg": A, "enc": E, "jwk": KEY or "password": P, "token": T}      {"plaintext": T}
// and {"error": REASON} where the library refused.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const installed = createRequire(`${process.env.KEYTIDE_TEST_NODE_MODULES}/`);
const jose = await import(pathToFileURL(installed.resolve("jose")));

const deeds = {
  async encrypt({ alg, enc, jwk, password, plaintext }) {
    const token = await new jose.CompactEncrypt(new TextEncoder().encode(plaintext))
      .setProtectedHeader({ alg, enc })
      .encrypt(await load(alg, enc, jwk, password));
    return { token };
  },

  async decrypt({ alg, enc, jwk, password, token }) {
    const { plaintext } = await jose.compactDecrypt(token, await load(alg, enc, jwk, password), {
      keyManagementAlgorithms: [alg],
      contentEncryptionAlgorithms: [enc],
    });
    return { plaintext: new TextDecoder().decode(plaintext) };
  },
};

function load(alg, enc, jwk, password) {
  if (password) return new TextEncoder().encode(password);
  return jose.importJWK(jwk, alg === "dir" ? enc : alg);
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const reply = await deeds[request.do](request).catch((error) => ({
    error: `${error.code ?? error.name}: ${error.message}`,
  }));
  console.log(JSON.stringify(reply));
}
