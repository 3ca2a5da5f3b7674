/** As much of GraphQL as the stand-in needs: which fields of the root are asked for, and with what. */

export interface Root {
  name: string;
  args: Record<string, unknown>;
}

const name = /[A-Za-z_]\w*/y;

/**
 * The root fields of a document with one operation, without fragments or aliases at the root.
 * @throws Error in Shopify's words where it is no document
 */
export function rootsOf(document: string, variables: Record<string, unknown>): Root[] {
  const start = document.indexOf("{");
  if (start < 0 || !/^\s*(query|mutation)?\s*\w*\s*(\([^{]*\))?\s*$/.test(document.slice(0, start)))
    throw new Error("syntax error, unexpected end of file");
  const roots: Root[] = [];
  let depth = 0;
  for (let at = start; at < document.length; at++) {
    const letter = document[at]!;
    if (letter === "{") depth++;
    else if (letter === "}") {
      depth--;
      if (depth === 0) {
        if (document.slice(at + 1).trim() !== "") throw new Error("syntax error, unexpected text after the operation");
        return roots;
      }
    } else if (depth === 1 && /[A-Za-z_]/.test(letter)) {
      name.lastIndex = at;
      const [found = ""] = name.exec(document) ?? [];
      at += found.length;
      const [whole = "", inside = ""] = /^\s*\(([^()]*)\)/.exec(document.slice(at)) ?? [];
      at += whole.length - 1;
      roots.push({ name: found, args: argsOf(inside, variables) });
    }
  }
  throw new Error("syntax error, unexpected end of file");
}

function argsOf(text: string, variables: Record<string, unknown>): Record<string, unknown> {
  const args: Record<string, unknown> = {};
  for (const [, key = "", value = ""] of text.matchAll(/(\w+)\s*:\s*(\$\w+|\d+|"[^"]*")/g))
    args[key] = value.startsWith("$") ? variables[value.slice(1)] : JSON.parse(value);
  return args;
}
