import type { FastifyInstance, FastifyRequest } from "fastify";
import { SidecarError } from "./sidecar-error.js";

/**
 * Serves callers on this machine alone, and only under a local name, so that a page in a browser cannot reach the
 * sidecar through DNS. Routes with `config.public` are reachable from anywhere: a kubelet probes from the node.
 * Others are refused with `caller_not_local` or `host_refused`.
 */
export function requireLocalCallers(app: FastifyInstance): void {
  app.addHook("onRequest", (request, _reply, done) => {
    const reachable = request.routeOptions.config?.public === true;
    done(reachable ? undefined : refusalOf(request));
  });
}

function refusalOf(request: FastifyRequest): SidecarError | undefined {
  const { remoteAddress } = request.raw.socket;
  // A Unix socket has no address; who may open it is the file system's to say.
  if (remoteAddress === undefined) return undefined;
  if (!isLoopbackAddress(remoteAddress)) {
    return new SidecarError("caller_not_local", "Call the sidecar from its own machine or pod, over loopback.");
  }
  if (isLocalHost(request.raw.headers.host ?? "")) return undefined;
  return new SidecarError("host_refused", "Address the sidecar as localhost, 127.0.0.1 or [::1].");
}

function isLoopbackAddress(address: string): boolean {
  return address === "::1" || /^(::ffff:)?127(\.\d{1,3}){3}$/i.test(address);
}

/** Whether a `Host` header names this machine; the port does not matter. */
function isLocalHost(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i.test(host);
}
