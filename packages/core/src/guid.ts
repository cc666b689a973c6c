const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a value has the form of a GUID, as Entra writes client ids and object ids. */
export function isGuid(value: string): boolean {
  return guid.test(value);
}
