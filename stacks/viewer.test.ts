import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { type Json, synth } from "./synth.testing.ts";
import { portalPage, viewerAddress } from "./viewer.ts";

/**
 * Runs a CloudFront Function as CloudFront does: by itself, with nothing of Node around it.
 * The event: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/functions-event-structure.html
 */
function run(
  code: string,
  uri: string,
  more: { ip?: string; headers?: Json; method?: string; querystring?: Json } = {},
) {
  const { ip = "198.51.100.7", headers = {}, method = "GET", querystring = {} } = more;
  const event = {
    version: "1.0",
    context: {
      distributionDomainName: "d111111abcdef8.cloudfront.net",
      distributionId: "EDFDVBD6EXAMPLE",
      eventType: "viewer-request",
      requestId: "EXAMPLEntjQpEXAMPLE_SG5Z-EXAMPLEPmPfEXAMPLEu3EqEXAMPLE==",
    },
    viewer: { ip },
    request: {
      method,
      uri,
      querystring,
      headers: { host: { value: "d111111abcdef8.cloudfront.net" }, accept: { value: "text/html" }, ...headers },
      cookies: { laurel: { value: "abc" } },
    },
  };
  const before = structuredClone(event.request);
  const after = runInNewContext(`${code}\nhandler(event)`, { event: structuredClone(event) }, { timeout: 100 });
  return { before, after: JSON.parse(JSON.stringify(after)) as typeof before };
}

test.each([
  "/",
  "/index.html/",
  "/applications",
  "/ambassadors/amb_01jx/orders",
  "/orders/",
  "/codes/ANNA.10",
  "/settings/v1.2",
  "/r",
  "/api",
])("%s is the portal's page", (uri) => {
  const { before, after } = run(portalPage, uri);
  expect(after).toEqual({ ...before, uri: "/index.html" });
});

test.each([
  "/index.html",
  "/assets/index-DwBVuTWz.js",
  "/assets/without-an-end",
  "/favicon.ico",
  "/robots.txt",
  "/.well-known/security.txt",
  "/site.webmanifest",
  "/fonts/inter.woff2",
])("%s is a file, and stays itself", (uri) => {
  const { before, after } = run(portalPage, uri);
  expect(after).toEqual(before);
});

test("functions are told who asks, in place of what the caller wrote there", () => {
  const { before, after } = run(viewerAddress, "/api/sign-in", {
    ip: "2001:db8::7",
    method: "POST",
    headers: {
      "x-laurel-viewer-ip": { value: "127.0.0.1", multiValue: [{ value: "127.0.0.1" }, { value: "10.0.0.1" }] },
    },
  });
  expect(after.headers["x-laurel-viewer-ip"]).toEqual({ value: "2001:db8::7" });
  expect({ ...after, headers: null }).toEqual({ ...before, headers: null });
});

test("the query, cookies and other headers travel on untouched", () => {
  const { before, after } = run(viewerAddress, "/r/ANNA10", {
    querystring: { a: { value: "1", multiValue: [{ value: "1" }, { value: "2" }] } },
    headers: { "stripe-signature": { value: "t=1,v1=abc" } },
  });
  expect(after).toEqual({ ...before, headers: { ...before.headers, "x-laurel-viewer-ip": { value: "198.51.100.7" } } });
});

test("both are deployed as they were tested, and are small enough for CloudFront", async () => {
  const { template, dispose } = await synth();
  dispose();
  const functions = Object.values(template("Portal").Resources).filter(
    ({ Type }) => Type === "AWS::CloudFront::Function",
  );
  expect(functions.map(({ Properties }) => Properties!.FunctionCode).sort()).toEqual(
    [portalPage, viewerAddress].sort(),
  );
  for (const { Properties } of functions) {
    expect(Properties).toMatchObject({ AutoPublish: true, FunctionConfig: { Runtime: "cloudfront-js-2.0" } });
    expect(Buffer.byteLength(Properties!.FunctionCode)).toBeLessThan(10_240);
  }
});
