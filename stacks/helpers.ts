import type { App } from "sst/constructs";

/**
 * SST gives every stack a function for its own custom resources. None of ours uses one, so it would only be a role, a log
 * without an end and a function on x86 in every stack. Call it when all stacks are made.
 */
export function withoutHelpers(app: App): void {
  for (const stack of app.node.children) stack.node.tryRemoveChild("CustomResourceHandler");
}
