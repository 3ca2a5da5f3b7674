/** The package's own types cover its JSON alone, which a bundler of ours cannot import when it is needed. */
declare module "disposable-email-domains/index.js" {
  const domains: string[];
  export default domains;
}
declare module "disposable-email-domains/wildcard.js" {
  const endings: string[];
  export default endings;
}
