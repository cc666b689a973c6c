import { readFileSync } from "node:fs";
import { join } from "node:path";
import { validate } from "dockerfile-utils";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { startWorld } from "../test/world.js";

const read = (name: string) => readFileSync(join(import.meta.dirname, "../deploy", name), "utf8");

describe("the Dockerfile", () => {
  const instructions = read("Dockerfile")
    .replaceAll("\\\n", "")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith("FROM ")));

  it("is what the linter wants", () => {
    expect(validate(read("Dockerfile")).map(({ message }) => message)).toEqual([]);
  });

  it("ends in an image without a shell, under a user that is not root, with pinned versions", () => {
    expect(last[0]).toMatch(/^FROM gcr\.io\/distroless\/nodejs\d+-debian\d+:nonroot$/);
    expect(last.find((line) => line.startsWith("USER "))).toBe("USER 65532:65532");
    expect(last.filter((line) => line.startsWith("RUN "))).toEqual([]);
    expect(instructions.filter((line) => /:latest|^ADD /.test(line))).toEqual([]);
  });

  it("holds what runs and no secret", () => {
    expect(last.filter((line) => line.startsWith("COPY ")).map((line) => line.split(" ")[2])).toEqual([
      "/app/package.json",
      "/app/dist",
      "/app/node_modules",
    ]);
    expect(read("Dockerfile")).not.toMatch(/secret|password/i);
    expect(read("Dockerfile.dockerignore").split("\n")).toEqual(expect.arrayContaining(["**/.env*", "**/.git"]));
  });
});

describe("the Kubernetes example", () => {
  const documents = parseAllDocuments(read("kubernetes.yaml"));
  const [, configMap, deployment] = documents.map((document) => document.toJS());
  const sidecar = deployment.spec.template.spec.initContainers[0];

  it("is valid YAML without duplicate keys", () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
  });

  it("runs the sidecar as nobody, without privileges, on a read-only file system", () => {
    expect(sidecar.securityContext).toMatchObject({
      runAsUser: 65532,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    expect(sidecar.restartPolicy).toBe("Always");
  });

  it("probes what the sidecar serves, on the port where it listens", async () => {
    const world = await startWorld();
    for (const probe of [sidecar.startupProbe, sidecar.readinessProbe, sidecar.livenessProbe]) {
      expect((await world.get(probe.httpGet.path, undefined, { headers: { host: "10.0.0.9" } })).status).toBe(200);
      expect(probe.httpGet.port).toBe(sidecar.ports[0].name);
    }
    expect(read("Dockerfile")).toContain(`ASPNETCORE_URLS=http://+:${sidecar.ports[0].containerPort}`);
    await world.close();
  });

  it("is a configuration that the sidecar takes", async () => {
    const { createSidecar, loadSidecarOptions } = await import("./index.js");
    const options = loadSidecarOptions({
      env: { ...configMap.data, AZURE_FEDERATED_TOKEN_FILE: "/var/run/secrets/azure/tokens/azure-identity-token" },
      directory: import.meta.dirname,
    });
    expect(Object.keys(options.auth.downstreamApis ?? {})).toEqual(["Graph"]);
    await createSidecar({ ...options, logLevel: "silent" }).close();
  });
});
