/** Schemas of what is answered, by the names that Microsoft's document gives them. */
export const schemas = {
  AuthorizationHeaderResult: {
    type: "object",
    required: ["authorizationHeader"],
    properties: { authorizationHeader: { type: "string", description: "Bearer, a space and the token." } },
  },
  DownstreamApiResult: {
    type: "object",
    required: ["statusCode", "headers", "content"],
    properties: {
      statusCode: { type: "integer", format: "int32", description: "Status of the downstream answer." },
      headers: { type: "object", additionalProperties: { type: "array", items: { type: "string" } } },
      content: {
        type: ["null", "string"],
        description: "The body: text as text, anything else in base64, nothing as null.",
      },
    },
  },
  JsonNode: {},
  ProblemDetails: {
    type: "object",
    description: "RFC 9457.",
    properties: {
      type: { type: ["null", "string"] },
      title: { type: ["null", "string"] },
      status: { type: ["null", "integer"], format: "int32" },
      detail: { type: ["null", "string"] },
      instance: { type: ["null", "string"] },
      code: { type: "string" },
      errorCode: { type: "string", description: "AADSTS code, where Entra refused." },
      correlationId: { type: "string", description: "Entra's id of the request." },
    },
  },
  ValidateAuthorizationHeaderResult: {
    type: "object",
    required: ["protocol", "token", "claims"],
    properties: {
      protocol: { type: "string" },
      token: { type: "string" },
      claims: { $ref: "#/components/schemas/JsonNode" },
    },
  },
} as const;
