import type { FastifyInstance, FastifyRequest } from "fastify";
import { SidecarError } from "./sidecar-error.js";

/**
 * Serves callers on this machine alone, and only under a local name, so that a page in a browser cannot reach the
 * sidecar through DNS. Routes with `config.public` are reachable from anywhere: a kubelet probes from the node.
 * @throws SidecarError `caller_not_local`, `host_refused`
 */
export function requireLocalCallers(app: FastifyInstance): void {
  app.addHook("onRequest", async (request) => {
    if (request.routeOptions.config?.public === true) return;
    const { remoteAddress } = request.raw.socket;
    // A Unix socket has no address; who may open it is the file system's to say.
    if (remoteAddress === undefined) return;
    if (!isLoopbackAddress(remoteAddress)) {
      throw new SidecarError("caller_not_local", "Call the sidecar from its own machine or pod, over loopback.");
    }
    if (!isLocalHost(hostOf(request))) {
      throw new SidecarError("host_refused", "Address the sidecar as localhost, 127.0.0.1 or [::1].");
    }
  });
}

function hostOf(request: FastifyRequest): string {
  return request.raw.headers.host ?? "";
}

function isLoopbackAddress(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(address);
}

/** Whether a `Host` header names this machine; the port does not matter. */
function isLocalHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host);
}
