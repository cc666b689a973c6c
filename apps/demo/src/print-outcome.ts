import type { Outcome } from "./run-scenario.js";

const claimsThatMatter = [
  "aud",
  "idtyp",
  "oid",
  "azp",
  "appid",
  "scp",
  "roles",
  "xms_act_fct",
  "xms_sub_fct",
  "xms_par_app_azp",
];

/** An outcome as lines for a person. */
export function printOutcome({ scenario, status, body, challenge, legs, claims, differences }: Outcome): string {
  const caller = scenario.caller;
  const lines = [
    `${differences.length === 0 ? "✔" : "✘"} ${scenario.title}`,
    `    caller      ${caller === undefined ? "nobody (no Authorization header)" : `${caller.kind}${details(caller.options)}`}`,
    `    request     ${scenario.method ?? "GET"} ${scenario.path} → ${status}`,
  ];
  for (const [index, leg] of legs.entries()) {
    const label = index === 0 ? "legs        " : "            ";
    const how = leg.cache === "hit" ? "cached" : `${leg.durationMs} ms`;
    lines.push(`    ${label}${leg.kind} (${leg.grant}) as ${leg.clientId}: ${how}`);
  }
  if (claims !== undefined) lines.push(`    token       ${chosen(claims)}`);
  if (challenge !== null) lines.push(`    challenge   ${challenge}`);
  lines.push(`    answer      ${shorten(JSON.stringify(body))}`);
  for (const difference of differences) lines.push(`    NOT AS EXPECTED: ${difference}`);
  return lines.join("\n");
}

function details(options: object | undefined): string {
  const shown = Object.entries(options ?? {}).map(([name, value]) => `${name} ${String(value)}`);
  return shown.length === 0 ? "" : ` (${shown.join(", ")})`;
}

function chosen(claims: Readonly<Record<string, unknown>>): string {
  return claimsThatMatter
    .filter((name) => claims[name] !== undefined)
    .map((name) => `${name}=${[claims[name]].flat().join(",")}`)
    .join("  ");
}

function shorten(text: string): string {
  return text.length > 180 ? `${text.slice(0, 177)}…` : text;
}
