import { loadAwsServiceSpec } from "@aws-cdk/aws-service-spec";
import type { Json, SynthStack, Template } from "./synth.testing.ts";

type Database = Awaited<ReturnType<typeof loadAwsServiceSpec>>;
type Resource = ReturnType<ReturnType<Database["lookup"]>["only"]> & Described;
interface Described {
  properties: Record<string, { type: Json; required?: boolean }>;
  attributes?: Record<string, unknown>;
}

let database: Database | undefined;
/** CloudFormation's own description of its resources, as it comes with a package: no network is asked. */
export const specification = async (): Promise<Database> => (database ??= await loadAwsServiceSpec());

/** Names that stand for the deployment itself. */
const pseudo = /^AWS::(AccountId|NoValue|NotificationARNs|Partition|Region|StackId|StackName|URLSuffix)$/;
const isIntrinsic = (value: Json): boolean =>
  typeof value === "object" &&
  value !== null &&
  Object.keys(value).some((key) => key === "Ref" || key.startsWith("Fn::"));

/**
 * What CloudFormation would object to in the properties of a template's resources: unknown types, names that do not exist, what
 * is required and absent, values of another kind.
 */
export function propertyFaults(db: Database, { Resources }: Template): string[] {
  return Object.entries(Resources).flatMap(([id, { Type, Properties = {} }]) => {
    if (Type.startsWith("Custom::")) return Properties.ServiceToken ? [] : [`${id}: ServiceToken is required`];
    const resource = describe(db, Type);
    return resource ? objectFaults(db, resource.properties, Properties, id) : [`${id}: there is no ${Type}`];
  });
}

const describe = (db: Database, type: string): Resource | undefined =>
  [...db.lookup("resource", "cloudFormationType", "equals", type)][0] as Resource | undefined;

function objectFaults(db: Database, known: Described["properties"], value: Json, at: string): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${at}: is not an object`];
  return [
    ...Object.keys(value).flatMap((name) => (known[name] ? [] : [`${at}.${name}: there is no such property`])),
    ...Object.entries(known).flatMap(([name, { required }]) =>
      required && value[name] === undefined ? [`${at}.${name}: is required`] : [],
    ),
    ...Object.entries(value).flatMap(([name, each]) =>
      known[name] ? valueFaults(db, known[name].type, each, `${at}.${name}`) : [],
    ),
  ];
}

function valueFaults(db: Database, type: Json, value: Json, at: string): string[] {
  if (isIntrinsic(value)) return [];
  const not = (kind: string) => [`${at}: is not ${kind}: ${JSON.stringify(value)}`];
  switch (type.type) {
    case "string":
    case "date-time":
      return typeof value === "object" ? not("text") : [];
    case "integer":
      return /^-?\d+$/.test(String(value)) ? [] : not("a whole number");
    case "number":
      return Number.isFinite(Number(value)) ? [] : not("a number");
    case "boolean":
      return /^(true|false)$/.test(String(value)) ? [] : not("true or false");
    case "array":
      return Array.isArray(value)
        ? value.flatMap((each, index) => valueFaults(db, type.element, each, `${at}[${index}]`))
        : not("a list");
    case "map":
      return typeof value === "object" && !Array.isArray(value)
        ? Object.entries(value).flatMap(([key, each]) => valueFaults(db, type.element, each, `${at}.${key}`))
        : not("a map");
    case "tag":
      return typeof value.Key === "string" && value.Value !== undefined ? [] : not("a tag");
    case "ref":
      return objectFaults(db, (db.get("typeDefinition", type.reference.$ref) as Described).properties, value, at);
    case "union": {
      const tries = type.types.map((each: Json) => valueFaults(db, each, value, at)) as string[][];
      return tries.some((faults) => faults.length === 0) ? [] : tries.sort((a, b) => a.length - b.length)[0]!;
    }
    default:
      return [];
  }
}

/** A place in a template that points at something else, and what it points at. */
interface Pointer {
  at: string;
  kind: "Ref" | "Fn::GetAtt" | "Fn::ImportValue" | "DependsOn";
  to: string;
  attribute?: string;
}

/** Every pointer below a value. */
export function pointersIn(value: Json, at: string): Pointer[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]: [string, Json]): Pointer[] => {
    if (key === "Ref" && typeof each === "string") return [{ at, kind: "Ref", to: each }];
    if (key === "Fn::GetAtt") {
      const [to, ...attribute] = Array.isArray(each) ? each : String(each).split(".");
      return [{ at, kind: "Fn::GetAtt", to, attribute: attribute.join(".") }];
    }
    if (key === "Fn::ImportValue" && typeof each === "string") return [{ at, kind: "Fn::ImportValue", to: each }];
    if (key === "Fn::Sub") {
      const [text, own = {}] = Array.isArray(each) ? each : [each];
      const names = [...String(text).matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name]) => name!);
      return [
        ...names.filter((name) => !(name in own)).map((to): Pointer => ({ at, kind: "Ref", to: to.split(".")[0]! })),
        ...pointersIn(own, at),
      ];
    }
    return pointersIn(each, `${at}.${key}`);
  });
}

/** Pointers of all stacks that lead nowhere, and circles within a stack or between stacks. */
export function referenceFaults(db: Database, stacks: readonly SynthStack[]): string[] {
  const exports = new Map(
    stacks.flatMap(({ name, template }) =>
      Object.values(template.Outputs ?? {}).flatMap(({ Export }) =>
        Export ? [[String(Export.Name), name] as const] : [],
      ),
    ),
  );
  const between = new Map(stacks.map(({ name, after }) => [name, new Set(after)]));
  const faults = stacks.flatMap(({ name, template }) => {
    const { Resources, Parameters = {}, Outputs = {} } = template;
    const within = new Map<string, Set<string>>();
    const pointers = Object.entries(Resources).flatMap(([id, { Properties, DependsOn = [] }]) => {
      const found = [
        ...pointersIn(Properties ?? {}, id),
        ...[DependsOn].flat().map((to): Pointer => ({ at: id, kind: "DependsOn", to })),
      ];
      within.set(id, new Set(found.filter(({ to }) => to in Resources).map(({ to }) => to)));
      return found;
    });
    const wrong = [...pointers, ...pointersIn(Outputs, "Outputs")].flatMap(({ at, kind, to, attribute }) => {
      const told = `${name}/${at}: ${kind} ${to}${attribute ? `.${attribute}` : ""} leads nowhere`;
      if (kind === "Fn::ImportValue") {
        const from = exports.get(to);
        if (from && from !== name) between.get(name)!.add(from);
        return from ? [] : [told];
      }
      if (kind === "Ref" && (to in Parameters || pseudo.test(to))) return [];
      if (!(to in Resources)) return [told];
      if (kind !== "Fn::GetAtt" || Resources[to]!.Type.startsWith("Custom::")) return [];
      const resource = describe(db, Resources[to]!.Type);
      return attribute! in (resource?.attributes ?? {}) || attribute! in (resource?.properties ?? {}) ? [] : [told];
    });
    return [...wrong, ...circles(within).map((circle) => `${name}: in a circle: ${circle}`)];
  });
  return [...faults, ...circles(between).map((circle) => `stacks in a circle: ${circle}`)];
}

function circles(graph: Map<string, Set<string>>): string[] {
  const found = new Set<string>();
  const done = new Set<string>();
  const visit = (at: string, path: string[]): void => {
    if (path.includes(at)) found.add([...path.slice(path.indexOf(at)), at].join(" → "));
    else if (!done.has(at)) {
      for (const next of graph.get(at) ?? []) visit(next, [...path, at]);
      done.add(at);
    }
  };
  for (const start of graph.keys()) visit(start, []);
  return [...found];
}
