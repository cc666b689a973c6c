import { Public } from "@agent-auth/nestjs";
import { Controller, Get, Header } from "@nestjs/common";

@Public()
@Controller()
export class HealthController {
  @Get("healthz")
  @Header("content-type", "text/plain")
  health() {
    return "Healthy";
  }
}
