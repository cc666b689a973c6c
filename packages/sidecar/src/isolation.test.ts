import { type DirectoryInput, defaultDirectory } from "@agent-auth/entra-emulator/testing";
import { afterAll, beforeAll, expect, it } from "vitest";
import { echoed, startWorld, type World } from "../test/world.js";

const requests = 1_000;
const users = 20;

let world: World;
beforeAll(async () => {
  world = await startWorld({
    directory: crowdedDirectory(),
    env: { DownstreamApis__Echo__RelativePath: "configured" },
    sidecar: { logLevel: "error" },
  });
});
afterAll(() => world.close());

it("keeps 1,000 concurrent requests with distinct agents, users and overrides apart", async () => {
  const tokens = await Promise.all(
    Array.from({ length: users }, (_, index) => world.emulator.mint("user", { user: userId(index) })),
  );
  const answers = await Promise.all(
    Array.from({ length: requests }, (_, index) => {
      const query = new URLSearchParams({
        AgentIdentity: agentId(index),
        "optionsOverride.RelativePath": `item/${index}`,
        "optionsOverride.HttpMethod": index % 2 === 0 ? "PUT" : "PATCH",
        "optionsOverride.ExtraHeaderParameters.X-Index": String(index),
        "optionsOverride.ExtraQueryParameters.index": String(index),
        "optionsOverride.RequestAppToken": String(index % 3 === 0),
      });
      return world.get(`/DownstreamApi/Echo?${query}`, tokens[index % users], {
        method: "POST",
        body: `body ${index}`,
      });
    }),
  );
  for (const [index, answer] of answers.entries()) {
    const { method, url, headers, body } = echoed(answer);
    const claims = claimsOfHeader(headers.authorization ?? "");
    expect({ method, url, body, index: headers["x-index"], actor: claims.appid, subject: claims.oid }).toEqual({
      method: index % 2 === 0 ? "PUT" : "PATCH",
      url: `/item/${index}?index=${index}`,
      body: `body ${index}`,
      index: String(index),
      actor: agentId(index),
      subject: index % 3 === 0 ? agentId(index) : userId(index % users),
    });
  }
  const plain = echoed(await world.get("/DownstreamApi/Echo", tokens[0]));
  expect(plain).toMatchObject({ method: "GET", url: "/configured" });
  expect(plain.headers).not.toHaveProperty("x-index");
  expect(claimsOfHeader(plain.headers.authorization ?? "")).toMatchObject({
    oid: userId(0),
    appid: world.emulator.blueprint.clientId,
  });
});

function agentId(index: number): string {
  return `a9e0aaaa-0000-4000-8000-${String(index).padStart(12, "0")}`;
}

function userId(index: number): string {
  return `05e4aaaa-0000-4000-8000-${String(index).padStart(12, "0")}`;
}

function claimsOfHeader(header: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(header.split(".")[1] ?? "", "base64url").toString("utf8"));
}

function crowdedDirectory(): DirectoryInput {
  const [tenant = { id: "" }] = defaultDirectory.tenants;
  const [blueprint = { clientId: "" }] = defaultDirectory.blueprints ?? [];
  return {
    ...defaultDirectory,
    agentIdentities: Array.from({ length: requests }, (_, index) => ({
      tenant: tenant.id,
      clientId: agentId(index),
      blueprint: blueprint.clientId,
      displayName: `Agent ${index}`,
    })),
    agentUsers: [],
    roleAssignments: [],
    users: Array.from({ length: users }, (_, index) => ({
      tenant: tenant.id,
      id: userId(index),
      username: `user${index}@contoso.example`,
      displayName: `User ${index}`,
    })),
  };
}
