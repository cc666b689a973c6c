import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

/** An identity provider that is not Entra, such as a CI system, on a port of its own. */
export interface ExternalIssuer {
  readonly issuer: string;
  sign(claims: JWTPayload): Promise<string>;
  close(): Promise<void>;
}

export async function startExternalIssuer(): Promise<ExternalIssuer> {
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const keys = [{ ...(await exportJWK(publicKey)), kid: "external", alg: "ES256", use: "sig" }];
  let issuer = "";
  const server = createServer((request, response) => {
    const documents: Record<string, object> = {
      "/.well-known/openid-configuration": { issuer, jwks_uri: `${issuer}/keys` },
      "/keys": { keys },
    };
    const document = documents[request.url ?? ""];
    response
      .writeHead(document ? 200 : 404, { "content-type": "application/json" })
      .end(JSON.stringify(document ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "external" }).sign(privateKey),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
