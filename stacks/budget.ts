import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import type { StackContext } from "sst/constructs";
import { configOf } from "./config.ts";
import { namesOf } from "./names.ts";

/**
 * Mail when the month has cost 80 % of the budget, and when it will cost more. It counts the whole account: a filter by the
 * stage's tags would count nothing until somebody activates them for billing. Straight to the address, because it must also
 * arrive where nobody confirmed the alarms' subscription. Two budgets of an account are free.
 */
export function Budget({ stack, app }: StackContext): void {
  const { budgetUsd, alertEmail } = configOf(app);
  const subscribers = [{ subscriptionType: "EMAIL", address: alertEmail }];
  new CfnBudget(stack, "Month", {
    budget: {
      budgetName: namesOf(stack.stage).other("month"),
      budgetType: "COST",
      timeUnit: "MONTHLY",
      budgetLimit: { amount: budgetUsd, unit: "USD" },
    },
    notificationsWithSubscribers: [
      {
        notification: {
          notificationType: "ACTUAL",
          comparisonOperator: "GREATER_THAN",
          threshold: 80,
          thresholdType: "PERCENTAGE",
        },
        subscribers,
      },
      {
        notification: {
          notificationType: "FORECASTED",
          comparisonOperator: "GREATER_THAN",
          threshold: 100,
          thresholdType: "PERCENTAGE",
        },
        subscribers,
      },
    ],
  });
}
