/** Microsoft Graph, present in every directory. */
export const GRAPH_APP_ID = "00000003-0000-0000-c000-000000000000";
/** The identifier URI of Microsoft Graph. */
export const GRAPH_URI = "https://graph.microsoft.com";

/** The resource that exchange tokens (T1, T2, managed identity assertions) are issued for. */
export const TOKEN_EXCHANGE_APP_ID = "fb60f99c-7a34-4190-8149-302f77469936";
/** The identifier URI of the token-exchange resource. */
export const TOKEN_EXCHANGE_URI = "api://AzureADTokenExchange";

/** Delegated permissions that the emulated Microsoft Graph publishes. */
export const GRAPH_SCOPES = [
  "User.Read",
  "User.ReadWrite",
  "User.ReadBasic.All",
  "User.Read.All",
  "User.ReadWrite.All",
  "Directory.Read.All",
  "Mail.Read",
  "Mail.ReadBasic",
  "Mail.ReadWrite",
  "Mail.Send",
  "Application.Read.All",
  "Application.ReadWrite.All",
  "AgentIdentityBlueprint.Create",
  "AgentIdentityBlueprint.Read.All",
  "AgentIdentityBlueprint.ReadWrite.All",
  "AgentIdentityBlueprint.AddRemoveCreds.All",
  "AgentIdentityBlueprint.DeleteRestore.All",
  "AgentIdentityBlueprintPrincipal.Create",
  "AgentIdentityBlueprintPrincipal.ReadWrite.All",
  "AgentIdentityBlueprintPrincipal.DeleteRestore.All",
  "AgentIdentity.Create.All",
  "AgentIdentity.Read.All",
  "AgentIdentity.ReadWrite.All",
  "AgentIdentity.DeleteRestore.All",
  "AgentIdUser.ReadWrite.All",
  "AgentIdUser.ReadWrite.IdentityParentedBy",
] as const;

/** Application permissions that the emulated Microsoft Graph publishes. */
export const GRAPH_ROLES = [
  "User.Read.All",
  "User.ReadBasic.All",
  "User.ReadWrite.All",
  "Directory.Read.All",
  "Mail.Read",
  "Mail.ReadBasic.All",
  "Mail.ReadWrite",
  "Mail.Send",
  "Application.Read.All",
  "Application.ReadWrite.All",
  "AgentIdentityBlueprint.Create",
  "AgentIdentityBlueprint.Read.All",
  "AgentIdentityBlueprint.ReadWrite.All",
  "AgentIdentityBlueprint.AddRemoveCreds.All",
  "AgentIdentityBlueprint.DeleteRestore.All",
  "AgentIdentityBlueprintPrincipal.Create",
  "AgentIdentityBlueprintPrincipal.ReadWrite.All",
  "AgentIdentityBlueprintPrincipal.DeleteRestore.All",
  "AgentIdentity.Create.All",
  "AgentIdentity.CreateAsManager",
  "AgentIdentity.Read.All",
  "AgentIdentity.ReadWrite.All",
  "AgentIdentity.DeleteRestore.All",
  "AgentIdUser.ReadWrite.All",
  "AgentIdUser.ReadWrite.IdentityParentedBy",
] as const;
