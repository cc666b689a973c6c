import { createServer } from "node:http";
import { createAgentAuth, loadOptions, nodeRequest, requireScopes } from "@agent-auth/core";

const agentAuth = createAgentAuth(loadOptions());
await agentAuth.warmUp(); // fetches the signing keys, so that the first request does not wait
const mayReadTasks = requireScopes("Tasks.Read");

createServer(async (request, response) => {
  try {
    const auth = await agentAuth.authenticate(request.rawHeaders, nodeRequest(request, response));
    mayReadTasks(auth);
    response.end(`Hello, ${auth.caller.kind}`);
  } catch (error) {
    const answer = agentAuth.answer(error); // status, WWW-Authenticate, problem+json
    if (answer === undefined) throw error;
    response.writeHead(answer.status, { ...answer.headers }).end(answer.body);
  }
}).listen(3000, "127.0.0.1");
