export interface StageRules {
  /** The table outlives the stack, cannot be deleted by accident and can be restored to any second of the last 35 days. */
  keepsData: boolean;
}

/** What differs between stages, in one place. Only `prod` holds what cannot be lost. */
export const stageRules = (stage: string): StageRules => ({ keepsData: stage === "prod" });
