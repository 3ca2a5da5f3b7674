import type { Config } from "./config.ts";
import { namesOf } from "./names.ts";
import { stageRules } from "./stage.ts";

/** What `sst remove` leaves behind, what that costs, how to come back to it and how to be rid of it. */
export function whatStays({ stage, region, table: existing }: Config): string {
  const { parameters, table } = namesOf(stage);
  const kept = existing?.name ?? (stageRules(stage).keepsData ? table : undefined);
  const aws = (command: string) => `    aws ${command} --region ${region}`;
  const parts = [
    `Removing ${stage}. This stays in your account:`,
    [
      `  Parameters ${parameters}/*: keys, origin secrets, secrets of connections. They cost nothing.`,
      "  To be rid of them, which makes what is left of the data unreadable for good:",
      aws(`ssm get-parameters-by-path --path ${parameters} --recursive --query 'Parameters[].[Name]' --output text`),
      aws("ssm delete-parameters --names …"),
    ],
    kept
      ? [
          `  The table ${kept} with all data, protected against deletion, and its copies of the last 35 days.`,
          "  It costs about 0.50 USD a month for each GB; the first 25 GB of an account are cheaper or free.",
          "  To deploy onto it again, set both in the stage's .env file:",
          `    LAUREL_TABLE=${kept}`,
          "    LAUREL_TABLE_STREAM_ARN=<what this prints>",
          aws(`dynamodb describe-table --table-name ${kept} --query Table.LatestStreamArn --output text`),
          "  To be rid of it, for good:",
          aws(`dynamodb update-table --table-name ${kept} --no-deletion-protection-enabled`),
          aws(`dynamodb delete-table --table-name ${kept}`),
        ]
      : ["  Of the data nothing: the table goes with its stack."],
    ["  The stacks CDKToolkit and SSTBootstrap, which other apps may share: some megabytes in S3, a cent a month."],
  ];
  return `\n${parts.flat().join("\n")}\n`;
}
