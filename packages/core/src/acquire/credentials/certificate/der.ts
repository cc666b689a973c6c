/** One element of a DER (or definite-length BER) encoding. @see ITU-T X.690 */
export interface DerElement {
  /** Identifier octet: class, constructed bit and number. */
  readonly tag: number;
  /** What it holds. */
  readonly content: Buffer;
  /** The whole element, header included. */
  readonly raw: Buffer;
}

/** Universal tags that are used here. */
export const derTag = { integer: 0x02, octetString: 0x04, objectIdentifier: 0x06, sequence: 0x30 } as const;

/** Reads the elements that stand one after another. @throws RangeError when the encoding is not what it says */
export function readDer(bytes: Buffer): DerElement[] {
  const elements: DerElement[] = [];
  for (let offset = 0; offset < bytes.length; ) {
    const element = readElement(bytes, offset);
    elements.push(element);
    offset += element.raw.length;
  }
  return elements;
}

/** The one element of a kind that stands at a place. @throws RangeError when another or none does */
export function expectDer(elements: readonly DerElement[], index: number, tag: number): DerElement {
  const element = elements[index];
  if (element === undefined || element.tag !== tag) throw new RangeError("the file is not encoded as expected");
  return element;
}

/** An object identifier in dotted form. */
export function derObjectIdentifier({ content }: DerElement): string {
  const arcs: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if ((byte & 0x80) !== 0) continue;
    if (arcs.length === 0)
      arcs.push(Math.min(Math.floor(value / 40), 2), value - Math.min(Math.floor(value / 40), 2) * 40);
    else arcs.push(value);
    value = 0;
  }
  return arcs.join(".");
}

/** A non-negative integer that fits a number. */
export function derInteger({ content }: DerElement): number {
  return content.reduce((value, byte) => value * 256 + byte, 0);
}

/** The octets of an octet string, which BER may cut into pieces. */
export function derOctets(element: DerElement): Buffer {
  const constructed = (element.tag & 0x20) !== 0;
  return constructed ? Buffer.concat(readDer(element.content).map(derOctets)) : element.content;
}

function readElement(bytes: Buffer, offset: number): DerElement {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) throw malformed();
  let length = first;
  let start = offset + 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4 || start + count > bytes.length) throw malformed();
    length = bytes.readUIntBE(start, count);
    start += count;
  }
  const end = start + length;
  if (end > bytes.length) throw malformed();
  return { tag, content: bytes.subarray(start, end), raw: bytes.subarray(offset, end) };
}

function malformed(): RangeError {
  return new RangeError("the file is cut off or not encoded as DER");
}
