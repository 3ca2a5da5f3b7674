// biome-ignore lint/suspicious/noExplicitAny: a value of a template is text or an intrinsic
type Value = any;

/** What the places of a template stand for here. */
export interface Places {
  /** Plain parameters of the parameter store, by full name. */
  parameters: ReadonlyMap<string, { Type: string; Value: string }>;
  /** The table, wherever it is referred to. */
  tableName: string;
}

/**
 * The environment that CloudFormation would give a function, from what stands in the template.
 * @throws Error for what it could not resolve
 */
export function environmentOf(variables: Record<string, Value>, places: Places): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, resolve(name, value, places)]));
}

function resolve(name: string, value: Value, { parameters, tableName }: Places): string {
  if (typeof value === "string")
    return value.replaceAll(/\{\{resolve:([a-z-]+):([^:}]+)(?::\d+)?\}\}/g, (whole, service: string, key: string) => {
      const found = service === "ssm" ? parameters.get(key) : undefined;
      // A secure parameter is not put into a function's environment.
      if (found?.Type !== "String") throw new Error(`${name}: ${whole} cannot be resolved`);
      return found.Value;
    });
  const [intrinsic, argument] = Object.entries(value as object)[0] ?? [];
  const refersTo = String(Array.isArray(argument) ? argument[0] : argument);
  if (["Ref", "Fn::ImportValue"].includes(intrinsic ?? "") && /Table/.test(refersTo)) return tableName;
  throw new Error(`${name}: ${JSON.stringify(value)} cannot be resolved`);
}

/** What Lambda itself puts into every function's environment, as far as somebody looks at it; the credentials are nobody's. */
export const lambdaEnvironment = (functionName: string): Record<string, string> => ({
  AWS_REGION: "eu-central-1",
  AWS_DEFAULT_REGION: "eu-central-1",
  AWS_ACCESS_KEY_ID: "ASIALOCAL",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_SESSION_TOKEN: "local",
  AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
  AWS_LAMBDA_FUNCTION_NAME: functionName,
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024",
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${functionName}`,
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  LAMBDA_TASK_ROOT: "/var/task",
  LAMBDA_RUNTIME_DIR: "/var/runtime",
  TZ: ":UTC",
  LANG: "en_US.UTF-8",
});
