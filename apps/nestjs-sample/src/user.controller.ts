import type { RequestAuth } from "@agent-auth/core";
import { AgentAuth, RequireScopes } from "@agent-auth/nestjs";
import { BadRequestException, Body, Controller, Get, HttpCode, Post, Query } from "@nestjs/common";
import { ApiQuery } from "@nestjs/swagger";

/** On behalf of whoever calls, through the configured agent identity. */
@RequireScopes("access_as_user")
@Controller("api")
export class UserController {
  @Get("profile")
  profile(@AgentAuth() auth: RequestAuth) {
    return auth.callDownstream("Graph", "/me").json();
  }

  @Get("messages")
  @ApiQuery({ name: "top", required: false, schema: { type: "integer", minimum: 1, maximum: 50, default: 10 } })
  messages(@AgentAuth() auth: RequestAuth, @Query("top") text = "10") {
    const top = Number(text);
    if (!Number.isInteger(top) || top < 1 || top > 50) {
      throw new BadRequestException("top must be a whole number from 1 to 50");
    }
    return auth.callDownstream("Graph", "/me/messages", { query: { $top: top } }).json();
  }

  @Post("messages/send")
  @HttpCode(202)
  async send(@AgentAuth() auth: RequestAuth, @Body() message: unknown) {
    await auth.callDownstream("Graph", "/me/sendMail", { method: "POST", json: { message } }).text();
    return { sent: true };
  }
}
