import { RemovalPolicy } from "aws-cdk-lib/core";

/** What differs between stages. */
export interface StageRules {
  /** The table outlives its stack, cannot be deleted by accident and can be restored to any second of the last 35 days. */
  keepsData: boolean;
  /** For what holds data. Everything else goes with its stack. */
  dataRemoval: RemovalPolicy;
}

/** What differs between stages, in one place. Only `prod` holds what cannot be lost. */
export function stageRules(stage: string): StageRules {
  const keepsData = stage === "prod";
  return { keepsData, dataRemoval: keepsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY };
}
