// Signs, verifies and makes keys with npm's jose: JSON lines in, JSON lines out.
//
// A key is {"jwk": {…}} or {"pem": "…"}. Each line of stdin gets one line of stdout:
// {"do": "generate", "alg": A}                       {"private": KEY, "public": KEY}
// {"do": "sign", "alg": A, "key": KEY, "claims": C}  {"token": T}
// {"do": "verify", "alg": A, "key": KEY, "token": T} {"claims": C}
// and {"error": REASON} where the library refused.

import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const installed = createRequire(`${process.env.KEYTIDE_TEST_NODE_MODULES}/`);
const jose = await import(pathToFileURL(installed.resolve("jose")));

const deeds = {
  async generate({ alg }) {
    if (alg.startsWith("HS")) {
      const secret = await jose.generateSecret(alg, { extractable: true });
      const jwk = { ...(await jose.exportJWK(secret)), alg };
      return { private: { jwk }, public: { jwk } };
    }
    const pair = await jose.generateKeyPair(alg, { extractable: true });
    return {
      private: { jwk: { ...(await jose.exportJWK(pair.privateKey)), alg } },
      public: { jwk: { ...(await jose.exportJWK(pair.publicKey)), alg } },
    };
  },

  async sign({ alg, key, claims }) {
    const signer = new jose.SignJWT(claims).setProtectedHeader({ alg });
    return { token: await signer.sign(await load(key, alg)) };
  },

  async verify({ alg, key, token }) {
    const { payload } = await jose.jwtVerify(token, await load(key, alg), { algorithms: [alg] });
    return { claims: payload };
  },
};

function load({ jwk, pem }, alg) {
  if (jwk) return jose.importJWK(jwk, alg);
  return pem.includes("PRIVATE") ? jose.importPKCS8(pem, alg) : jose.importSPKI(pem, alg);
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  const reply = await deeds[request.do](request).catch((error) => ({
    error: `${error.code ?? error.name}: ${error.message}`,
  }));
  console.log(JSON.stringify(reply));
}
