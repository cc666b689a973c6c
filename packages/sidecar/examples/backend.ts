import { createAgentAuth } from "@agent-auth/core";

const auth = createAgentAuth({
  sidecarUrl: "http://localhost:5000", // Microsoft's container, or this sidecar
  downstreamApis: { Graph: { baseUrl: "https://graph.microsoft.com/v1.0" } },
});

export async function profile(headers: Headers) {
  const request = await auth.authenticate(headers);
  return request.callDownstream("Graph", "/me").json();
}
