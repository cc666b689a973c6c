import "reflect-metadata";
import { type AgentAuth, securitySchemes } from "@agent-auth/core";
import type { AgentMailbox, RunningSample } from "@agent-auth/sample-settings";
import { NestFactory } from "@nestjs/core";
import { DocumentBuilder, SwaggerModule } from "@nestjs/swagger";
import { appModule } from "./app.module.js";

/** Starts the sample on a port of the loopback interface; 0 = a free one. */
export async function startSample(auth: AgentAuth, mailbox: AgentMailbox, port: number): Promise<RunningSample> {
  const app = await NestFactory.create(appModule(auth, mailbox), { logger: ["warn", "error"] });
  const config = new DocumentBuilder()
    .setTitle("Contoso Assistant")
    .setVersion("1.0.0")
    .addBearerAuth(securitySchemes.entra, "entra")
    .build();
  SwaggerModule.setup("docs", app, () => SwaggerModule.createDocument(app, config), {
    ui: false,
    raw: ["json"],
    jsonDocumentUrl: "docs",
  });
  await app.listen(port, "127.0.0.1");
  return { url: await app.getUrl(), close: () => app.close() };
}
