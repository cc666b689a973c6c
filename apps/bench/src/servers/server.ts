import { createAgentAuth, loadOptions } from "@agent-auth/core";
import { agentAuth } from "@agent-auth/express";
import { agentAuth as fastifyAgentAuth } from "@agent-auth/fastify";
import fastifyJwt from "@fastify/jwt";
import express from "express";
import { auth } from "express-oauth2-jwt-bearer";
import fastify from "fastify";
import createGetJwks from "get-jwks";

// A server of one kind in a process of its own: `node server.js <kind>`. Tells its port, and when asked its CPU time;
// ends with its parent.

const {
  AzureAd__Instance: instance = "",
  AzureAd__TenantId: tenantId = "",
  AzureAd__ClientId: clientId = "",
} = process.env;
const issuer = `${instance}${tenantId}/v2.0`;
const jwksPath = `/${tenantId}/discovery/v2.0/keys`;
const answer = { ok: true };

const kinds: Readonly<Record<string, () => Promise<number>>> = {
  "express-bare": () => listenExpress(express()),
  "express-agent-auth": () => listenExpress(express().use(agentAuth(createAgentAuth(loadOptions())))),
  "express-oauth2-jwt-bearer": () =>
    listenExpress(
      express().use(
        auth({ issuer, jwksUri: `${instance}${jwksPath.slice(1)}`, audience: clientId, tokenSigningAlg: "RS256" }),
      ),
    ),
  "fastify-bare": () => listenFastify(fastify()),
  "fastify-agent-auth": async () => {
    const app = fastify();
    await app.register(fastifyAgentAuth, createAgentAuth(loadOptions()));
    return listenFastify(app);
  },
  "fastify-jwt": async () => {
    const app = fastify();
    const getJwks = createGetJwks({ jwksPath });
    await app.register(fastifyJwt, {
      decode: { complete: true },
      secret: (_request: unknown, token: unknown) => {
        const { kid, alg } = (token as { header: { kid: string; alg: string } }).header;
        return getJwks.getPublicKey({ kid, alg, domain: instance });
      },
      verify: { allowedIss: issuer, allowedAud: clientId },
    });
    app.addHook("onRequest", async (request) => {
      await request.jwtVerify();
    });
    return listenFastify(app);
  },
};

const start = kinds[process.argv[2] ?? ""];
if (start === undefined) throw new Error(`a kind is wanted: ${Object.keys(kinds).join(", ")}`);
process.on("disconnect", () => process.exit());
process.on("message", () => process.send?.({ cpu: process.cpuUsage() }));
process.send?.({ port: await start() });

function listenExpress(app: express.Express): Promise<number> {
  app.get("/", (_req, res) => {
    res.json(answer);
  });
  return new Promise((resolve) => {
    const server = app.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
  });
}

async function listenFastify(app: ReturnType<typeof fastify>): Promise<number> {
  app.get("/", async () => answer);
  await app.listen({ port: 0, host: "127.0.0.1" });
  return (app.server.address() as { port: number }).port;
}
