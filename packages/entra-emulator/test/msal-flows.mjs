/**
 * Runs in a process of its own, since Node reads NODE_EXTRA_CA_CERTS when it starts: msal-node as it comes from the
 * registry, through the three agent flows. Takes the emulator's description and an inbound token on standard input,
 * answers with the claims of the tokens.
 */
import { ConfidentialClientApplication } from "@azure/msal-node";
import { decodeJwt } from "jose";

const EXCHANGE = "api://AzureADTokenExchange/.default";
const GRAPH = "https://graph.microsoft.com/.default";

let text = "";
for await (const chunk of process.stdin) text += String(chunk);
const { description, inbound, certificate } = JSON.parse(text);
const { url, tenantId, blueprint, agentIdentities, agentUsers } = description;
const agent = agentIdentities[0]?.clientId ?? "";
const agentUser = agentUsers[0];
const authority = `${url}/${tenantId}`;
const knownAuthorities = [new URL(url).host];

const blueprintApp = new ConfidentialClientApplication({ auth: { ...blueprint, authority, knownAuthorities } });
const t1 = async () => {
  const result = await blueprintApp.acquireTokenByClientCredential({ scopes: [EXCHANGE], fmiPath: agent });
  return result?.accessToken ?? "";
};
const agentApp = new ConfidentialClientApplication({
  auth: { clientId: agent, authority, knownAuthorities, clientAssertion: t1 },
});

const autonomous = await agentApp.acquireTokenByClientCredential({ scopes: [GRAPH] });
const t2 = await agentApp.acquireTokenByClientCredential({ scopes: [EXCHANGE] });
const byId = await agentApp.acquireTokenByUserFederatedIdentityCredential({
  scopes: ["User.Read"],
  assertion: t2?.accessToken ?? "",
  userObjectId: agentUser?.id ?? "",
});
const byName = await agentApp.acquireTokenByUserFederatedIdentityCredential({
  scopes: ["User.Read"],
  assertion: t2?.accessToken ?? "",
  username: agentUser?.username ?? "",
});
const onBehalfOf = await agentApp.acquireTokenOnBehalfOf({ scopes: [GRAPH], oboAssertion: inbound });
const certified = await new ConfidentialClientApplication({
  auth: {
    clientId: description.clientApp.clientId,
    authority,
    knownAuthorities,
    clientCertificate: { thumbprintSha256: certificate.thumbprintSha256, privateKey: certificate.privateKey },
  },
}).acquireTokenByClientCredential({ scopes: [`${description.blueprint.appIdUri}/.default`] });
const refused = await blueprintApp
  .acquireTokenByClientCredential({ scopes: [EXCHANGE], fmiPath: blueprint.clientId })
  .then(() => "not refused")
  .catch((error) => `${error.errorCode}: ${error.errorMessage}`);

const claimsOf = (result) => decodeJwt(result?.accessToken ?? "");
process.stdout.write(
  JSON.stringify({
    autonomous: claimsOf(autonomous),
    byId: claimsOf(byId),
    byName: claimsOf(byName),
    onBehalfOf: claimsOf(onBehalfOf),
    certified: claimsOf(certified),
    refused,
  }),
);
