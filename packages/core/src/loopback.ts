/** Whether a URL's host is this machine. `localhost` resolves to loopback by RFC 6761 section 6.3. */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}
