// An HTTP server under `keytide run`, as server.py beside it is, with jsonwebtoken.
//
// usage: server.cjs PORT

const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { createRequire } = require("node:module");

const jwt = createRequire(`${process.env.KEYTIDE_TEST_NODE_MODULES}/`)("jsonwebtoken");

const TTL_SECONDS = 6;
const OTHERS = ["JWT_SECRET_NEXT", "JWT_SECRET_PREVIOUS", "JWT_SECRET_PREVIOUS_2", "JWT_SECRET_PREVIOUS_3"];

function value(name) {
  const first = process.env.JWT_SECRET_FILE;
  if (first === undefined) return process.env[name];
  try {
    return fs.readFileSync(path.join(path.dirname(first), name), "utf8");
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

let loaded;
function load() {
  loaded = {
    active: value("JWT_SECRET"),
    others: OTHERS.map(value).filter((secret) => secret !== undefined),
    epochs: value("KEYTIDE_EPOCHS"),
  };
}

function verdict(token) {
  let reason = "no secret";
  for (const secret of [loaded.active, ...loaded.others]) {
    try {
      jwt.verify(token, secret, { algorithms: ["HS256"] });
      return "ok";
    } catch (error) {
      reason = error.message;
      if (reason !== "invalid signature") break;
    }
  }
  return `refused ${reason}`;
}

load();
process.on("SIGHUP", load);
http
  .createServer((request, response) => {
    const [what, token] = request.url.split("?");
    if (what === "/mint") {
      response.end(jwt.sign({ sub: "node" }, loaded.active, { algorithm: "HS256", expiresIn: TTL_SECONDS }));
    } else if (what === "/verify") {
      response.end(verdict(token));
    } else if (what === "/pid") {
      response.end(String(process.pid));
    } else {
      response.setHeader("Keytide-Epochs", loaded.epochs);
      response.end("ready");
    }
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
